"""Times are told so that a tired person reads them right."""

import pytest

from liferaft.evidence.words import counted, day_and_time, duration


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.04, "0 s"),
        (8.75, "8.8 s"),
        (30, "30 s"),
        (59.96, "1 min"),
        (60, "1 min"),
        (125.4, "2 min 5 s"),
        (900, "15 min"),
        (3599.7, "1 h"),
        (11040, "3 h 4 min"),
        (183600, "2 d 3 h"),
    ],
)
def test_a_duration_has_the_two_largest_units_of_it(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_a_moment_says_that_it_is_utc() -> None:
    assert day_and_time(1795356000.4) == "2026-11-22 14:00:00 UTC"


def test_one_is_not_many() -> None:
    assert (counted(1, "step"), counted(3, "step")) == ("1 step", "3 steps")
