"""What the fetch log proves."""

import pytest

from liferaft.data.postgres.fetches import (
    SILENT_SECONDS,
    Stuck,
    fetches,
    silent,
    stuck,
    times_absent,
)

FOUR, FIVE, SIX = (f"00000001000000000000000{n}" for n in (4, 5, 6))
LOG = f"""\
1763815800.100000 0 {FOUR}
1763815800.900000 1 {FIVE}
1763815801.400000 1 00000002.history
1763815801.900000 1 {FIVE}
1763815802.500000 1 {FIVE}
"""
OBJECT = f"15-1/0000000100000000/{FIVE}-57c0149b2479432d2bd41214dffdb8c0a0cc7e5a.lz4"


def absent(log: str, segment: str, since: float) -> int:
    return times_absent(fetches(log, since=since), segment)


def found(*lines: str) -> Stuck | None:
    log = "".join(f"{100 + n}.5 {line}\n" for n, line in enumerate(lines))
    return stuck(fetches(log, since=0))


def damaged(repository: int = 1) -> str:
    return f"damaged {FIVE} {repository} {OBJECT} [CryptoError] unable to flush"


def test_only_what_was_asked_since_the_listing_counts() -> None:
    assert absent(LOG, FIVE, 0) == 3
    assert absent(LOG, FIVE, 1763815801.0) == 2


def test_a_delivered_segment_is_not_absent() -> None:
    assert absent(LOG, FOUR, 0) == 0


@pytest.mark.parametrize(
    "half",
    [
        "1763815803.1 1",
        "17638",
        f"1763815803.1 damaged {FIVE} 1 15-1",
        f"1763815803.1 silent {FIVE}",
    ],
)
def test_a_line_that_is_being_written_does_not_disturb(half: str) -> None:
    assert absent(LOG + half, FIVE, 1763815802.0) == 1
    assert stuck(fetches(LOG + half, since=0)) is None


def test_a_damaged_segment_is_named_with_its_vault_and_the_reason_once_it_is_certain() -> None:
    assert found(f"0 {FOUR}", damaged()) is None
    assert found(f"0 {FOUR}", damaged(1), damaged(2)) is None
    assert found(f"0 {FOUR}", damaged(), damaged()) == Stuck(
        FIVE, 1, OBJECT, "[CryptoError] unable to flush"
    )


def test_a_segment_that_was_put_back_is_damaged_no_more() -> None:
    assert found(damaged(), damaged(), f"0 {FIVE}") is None
    assert found(damaged(), damaged(), f"1 {SIX}") is None


def test_what_else_is_asked_for_meanwhile_does_not_hide_the_damage() -> None:
    other_timeline, history = f"1 00000002{FIVE[8:]}", "1 00000002.history"
    assert found(f"0 {FOUR}", damaged(), history, f"0 {FOUR}", damaged(), other_timeline)


def test_a_segment_that_is_fetched_again_and_again_and_never_left_is_of_no_use() -> None:
    assert found(*[f"0 {FIVE}"] * 3) is None
    looked_up = found(*[f"0 {FOUR}", f"1 00000002{FIVE[8:]}", f"0 {FIVE}"] * 4)
    assert looked_up is not None
    assert (looked_up.file, looked_up.repository) == (FIVE, None)


def test_a_record_that_crosses_into_a_segment_that_is_not_there_yet_is_no_damage() -> None:
    assert found(*[f"0 {FIVE}", f"1 {SIX}"] * 5) is None


def silent_for(seconds: float, *between: str) -> bool:
    last = 100 + seconds
    rows = (f"100.5 silent {FIVE} 3", *between, f"{last + 0.5} silent {FIVE} 3")
    return silent(fetches("".join(f"{row}\n" for row in rows), since=0)) is not None


def test_a_vault_is_silent_once_a_file_was_waited_for_long_enough() -> None:
    assert silent_for(SILENT_SECONDS)
    assert not silent_for(SILENT_SECONDS - 1)
    found = silent(fetches(f"1.0 silent {FIVE} 3\n99.0 silent {FIVE} 2\n", since=0))
    assert found is not None
    assert (found.file, found.repository) == (FIVE, 2)


@pytest.mark.parametrize("answer", [f"0 {FIVE}", f"1 {FIVE}"])
def test_a_vault_that_answered_in_between_is_silent_anew(answer: str) -> None:
    assert not silent_for(SILENT_SECONDS, f"110.5 {answer}")


def test_damage_that_another_vault_has_meanwhile_does_not_hide_the_silence() -> None:
    assert silent_for(SILENT_SECONDS, f"110.5 {damaged()}")
