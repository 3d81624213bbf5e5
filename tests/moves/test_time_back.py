"""How long it takes to be back, by what was measured, with what may be wrong about it."""

import pytest

from liferaft.moves.time_back import Measured, Measurements, projected, sentences

AROUND = (Measured(40.0, of="the failover to north"), Measured(50.0, of="the failover to east"))
RESTORE = (Measured(10.0, 1_000, "a trial"), Measured(12.0, 1_000, "another"))
REPLAY = (Measured(4.0, 10, "the failover to north"),)


def test_what_was_measured_with_as_many_bytes_takes_as_long() -> None:
    back = projected(Measurements(AROUND, RESTORE, REPLAY), size=1_000, segments=10)
    assert back.seconds == pytest.approx(45 + 11 + 4)
    assert back.error == pytest.approx(5 + 1 + 2), "what was measured once is half believed"


def test_for_ten_times_the_bytes_the_truth_lies_between_all_and_nothing_of_it() -> None:
    known = Measurements(AROUND, RESTORE, REPLAY)
    back = projected(known, size=10_000, segments=10)
    assert back.seconds is not None
    assert back.error is not None
    for truth in (10.0, 60.0, 120.0):
        assert abs(45 + truth + 4 - back.seconds) <= back.error


def test_the_nearest_in_size_count() -> None:
    small = [Measured(2.0, 10, "small")] * 9
    near = [Measured(100.0, 900, "near")] * 5
    back = projected(Measurements(AROUND, [*small, *near], REPLAY), size=1_000, segments=10)
    assert back.pieces[1].of == ("near",)


def test_what_was_never_measured_makes_the_whole_not_known_and_never_shorter() -> None:
    back = projected(Measurements(AROUND, (), REPLAY), size=1_000, segments=10)
    assert (back.seconds, back.error) == (None, None)
    (said,) = sentences(back)
    assert said == (
        "How long it takes to be back was not measured yet: the restore; the rest takes 49 s."
    )
    assert back.to_json()["seconds"] is None


def test_each_piece_says_by_what_it_was_measured() -> None:
    said = "\n".join(
        sentences(projected(Measurements(AROUND, RESTORE, REPLAY), size=1_000, segments=10))
    )
    assert said.startswith("It takes about 60 ± 8 s")
    assert "the restore: 11 ± 1 s, by a trial, another." in said
