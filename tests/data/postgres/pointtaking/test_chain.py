"""Which type the next backup is of."""

from typing import Any

import pytest

from liferaft.data.postgres.pointtaking.chain import MOST_INCREMENTS, basis, next_type

NOW = 1_795_992_000.0
HOUR, DAY = 3600.0, 24 * 3600.0


def backups(*told: tuple[str, float]) -> list[dict[str, Any]]:
    """Of these types, so many seconds old."""
    return [{"type": one, "timestamp": {"stop": int(NOW - ago)}} for one, ago in told]


def test_the_first_backup_of_a_reign_is_a_full_one() -> None:
    assert next_type([], NOW) == "full"
    assert next_type(backups(("incr", HOUR)), NOW) == "full", "what it rests on is not whole"


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([("full", HOUR)], "incr"),
        ([("full", 2 * DAY)], "diff"),
        ([("full", 7.1 * DAY), ("diff", HOUR)], "full"),
        ([("full", 3 * DAY), ("diff", HOUR)], "incr"),
        ([("full", 3 * DAY), ("diff", 2 * DAY), ("incr", HOUR)], "diff"),
        ([("full", 30 * DAY), ("full", 6 * DAY)], "diff"),
    ],
)
def test_a_full_one_a_week_a_differential_one_a_day_and_increments_between(
    told: list[tuple[str, float]], expected: str
) -> None:
    assert next_type(backups(*told), NOW) == expected


def test_how_old_a_full_one_may_be_is_the_operators_to_say() -> None:
    told = backups(("full", 3 * DAY), ("diff", HOUR))
    assert next_type(told, NOW, 2 * DAY) == "full"
    assert next_type(told, NOW, 30 * DAY) == "incr"


def test_no_chain_of_increments_is_long() -> None:
    chain = [("full", 3 * HOUR), *[("incr", HOUR)] * (MOST_INCREMENTS - 1)]
    assert next_type(backups(*chain), NOW) == "incr"
    assert next_type(backups(*chain, ("incr", HOUR)), NOW) == "diff"


def test_a_clock_that_went_back_takes_no_full_backup_each_time() -> None:
    assert next_type(backups(("full", -DAY)), NOW) == "incr"


def test_an_increment_rests_on_the_last_and_a_differential_one_on_the_last_full_one() -> None:
    told = [{"type": "full", "label": "1F"}, {"type": "incr", "label": "1F_2I"}]
    assert basis(told, "incr") == "1F_2I"
    assert basis(told, "diff") == "1F"
