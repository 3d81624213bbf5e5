"""Which recovery points stay: by hours, days and weeks, and some whatever the policy says."""

from datetime import UTC, datetime, timedelta

import pytest

from liferaft.recovery.retention import NAMED, NEWEST, VERIFIED, Keep, PointKey, choose

NOW = datetime(2026, 11, 29, 12, 30, tzinfo=UTC)
DEFAULT = Keep(hourly=24, daily=14, weekly=8)
NOTHING = Keep(0, 0, 0)


def at(moment: datetime, epoch: int = 1) -> PointKey:
    return PointKey(epoch, moment.strftime("%Y%m%dT%H%M%SZ"))


def back(*, epoch: int = 1, **ago: float) -> PointKey:
    return at(NOW - timedelta(**ago), epoch)


def test_of_a_point_each_hour_for_a_quarter_the_last_hours_days_and_weeks_stay() -> None:
    points = [back(hours=hour) for hour in range(24 * 90)]
    choice = choose(points, DEFAULT)
    days = {point.taken.date() for point in choice.stays}
    assert all(back(hours=hour) in choice.stays for hour in range(24))
    assert all((NOW - timedelta(days=day)).date() in days for day in range(14))
    assert min(days) >= (NOW - timedelta(weeks=8)).date()
    # Hours and days share a point where they end, and so do days and weeks.
    assert 24 + 14 + 8 - 6 <= len(choice.stays) <= 24 + 14 + 8
    assert set(choice.stays) | set(choice.goes) == set(points)
    assert not set(choice.stays) & set(choice.goes)


def test_the_newest_of_an_hour_stays_and_says_so() -> None:
    early, late = back(minutes=29), back(minutes=1)
    choice = choose([back(hours=-1), early, late], Keep(hourly=2, daily=0, weekly=0))
    assert choice.stays[late] == ("hourly",)
    assert choice.goes == (early,)


def test_hours_without_a_point_do_not_count() -> None:
    """An application that stood still for a month keeps what it had."""
    old = [back(days=30, hours=hour) for hour in range(5)]
    assert not choose(old, Keep(hourly=5, daily=0, weekly=0)).goes


def test_the_newest_stays_whatever_the_policy_says() -> None:
    older, newest = back(hours=1), back(hours=0)
    choice = choose([newest, older], NOTHING)
    assert dict(choice.stays) == {newest: (NEWEST,)}


def test_the_newest_is_that_of_the_last_reign_even_where_a_clock_was_wrong() -> None:
    """A failover takes the point of the highest epoch first."""
    ahead, newest = back(days=-400, epoch=1), back(hours=1, epoch=2)
    assert choose([ahead, newest], NOTHING).goes == (ahead,)


def test_the_last_verified_one_stays_and_earlier_ones_do_not_for_that() -> None:
    first, second, newest = back(days=3), back(days=2), back(days=1)
    choice = choose([first, second, newest], NOTHING, verified=[first, second])
    assert choice.stays[second] == (VERIFIED,)
    assert choice.goes == (first,)


def test_what_an_unfinished_run_names_stays() -> None:
    named, other, newest = back(days=3), back(days=2), back(days=1)
    choice = choose([named, other, newest], NOTHING, named=[named])
    assert choice.stays[named] == (NAMED,)
    assert choice.goes == (other,)


def test_a_point_that_is_verified_or_named_and_not_in_this_vault_is_no_matter() -> None:
    newest = back(days=1)
    choice = choose([newest], NOTHING, verified=[back(days=2)], named=[back(days=3)])
    assert set(choice.stays) == {newest}


def test_of_points_of_one_moment_in_two_reigns_the_later_reign_has_the_last_word() -> None:
    first, second = back(hours=3, epoch=1), back(hours=3, epoch=2)
    choice = choose([first, second, back(hours=1, epoch=2)], Keep(2, 0, 0))
    assert choice.goes == (first,)


def test_a_week_is_of_one_piece_around_a_new_year() -> None:
    """28 December 2026 to 3 January 2027."""
    monday, sunday = (
        at(datetime(2026, 12, 28, tzinfo=UTC)),
        at(datetime(2027, 1, 3, tzinfo=UTC)),
    )
    assert choose([monday, sunday], Keep(0, 0, 8)).goes == (monday,)


def test_without_points_nothing_is_chosen() -> None:
    choice = choose([], DEFAULT)
    assert not choice.stays
    assert not choice.goes


@pytest.mark.parametrize("count", range(1, 60, 7))
def test_whatever_is_there_a_second_pruning_takes_no_more(count: int) -> None:
    points = [back(hours=7 * number) for number in range(count)]
    once = choose(points, DEFAULT)
    assert not choose(tuple(once.stays), DEFAULT).goes
