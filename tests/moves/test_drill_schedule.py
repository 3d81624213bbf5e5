"""What every form of a schedule has in common: its moment, and how often it plays."""

from datetime import timedelta

import pytest

from liferaft.moves.drill_schedule import DrillSchedule, Often


def of(site: str = "north", often: Often = Often.WEEKLY) -> DrillSchedule:
    return DrillSchedule("chirp", site, often, timedelta(hours=2))


def test_each_site_has_a_moment_by_night_of_its_own_and_keeps_it() -> None:
    moments = {of(f"site-{number}").moment for number in range(200)}
    assert of().moment == of().moment
    assert len(moments) > 100
    assert all(1 <= hour < 6 and 0 <= minute < 60 for hour, minute in moments)


@pytest.mark.parametrize(
    ("often", "every"), [(Often.DAILY, 1), (Often.WEEKLY, 7), (Often.MONTHLY, 31)]
)
def test_a_schedule_that_keeps_to_what_is_asked_for_has_nothing_said_of_it(
    often: Often, every: int
) -> None:
    assert of(often=often).disagreement(timedelta(days=every)) is None
    less = of(often=often).disagreement(timedelta(days=every) - timedelta(hours=1))
    assert less
    assert "it is overdue between them" in less


def test_where_nothing_is_asked_for_it_says_that_nobody_is_told_of_a_missed_one() -> None:
    said = of().disagreement(None)
    assert said
    assert said.endswith('a missed one alarms nobody. every = {north = "7d"}')
