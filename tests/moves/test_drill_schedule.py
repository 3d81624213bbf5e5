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


def test_one_of_the_data_has_a_name_that_no_site_can_give_a_whole_one() -> None:
    data = of().of_data.name
    assert data == "liferaft-data-drill-chirp-north"
    sites = ("north", "north-data", "data-north", "data-drill-north", "drill-chirp-north")
    assert data not in {of(site).name for site in sites}


def test_one_of_the_data_is_over_by_a_drills_hours_before_any_whole_one_may_begin() -> None:
    """Whatever their sites are, and with the hour that each may be late."""
    for number in range(200):
        hour, minute = of(f"site-{number}").of_data.moment
        assert 18 <= hour < 23
        assert (hour, minute) == (
            of(f"site-{number}").moment[0] + 17,
            of(f"site-{number}").moment[1],
        )


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


def test_one_of_the_data_is_held_to_what_is_asked_for_of_the_data() -> None:
    daily = of(often=Often.DAILY).of_data
    assert daily.disagreement(timedelta(days=1)) is None
    said = daily.disagreement(None)
    assert said
    assert said.startswith("[drill] asks for no drill of the data at north:")
    assert said.endswith('data_every = {north = "1d"}')


def test_where_nothing_is_asked_for_it_says_that_nobody_is_told_of_a_missed_one() -> None:
    said = of().disagreement(None)
    assert said
    assert said.endswith('a missed one alarms nobody. every = {north = "7d"}')
