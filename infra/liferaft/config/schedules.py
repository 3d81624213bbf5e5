"""A schedule as cron writes it, five fields, as systemd's timers read it.

All of it is UTC: an hour that comes twice would run a job twice, one that is left out never.

https://manpages.debian.org/bookworm/systemd/systemd.time.7.en.html#CALENDAR_EVENTS
"""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Any, Final

from cronsim import CronSim, CronSimError

SCHEDULE_TOLD: Final = 'five fields as cron has them, in UTC, such as "30 3 * * *"'
_FIELDS: Final = 5
_DAYS: Final = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
_SUNDAY: Final = 7
"""cron has two numbers for it."""


def calendars(written: str) -> tuple[str, ...]:
    """What `OnCalendar=` is told: each of them is a moment. Raises ValueError for no schedule."""
    if len(written.split()) != _FIELDS:
        raise ValueError(f"{written!r} has not five fields")
    try:
        read = CronSim(written, datetime(2024, 1, 1, tzinfo=UTC))
        next(read)
    except CronSimError as error:
        raise ValueError(f"{written!r} is no schedule: {str(error).lower()}") from error
    except StopIteration:
        raise ValueError(f"{written!r} never comes") from None
    special = any(isinstance(one, tuple) for one in read.weekdays) or min(read.days) < 0
    if special:
        raise ValueError(f"{written!r} has L, W or #, which timers do not know")
    return tuple(_calendars(read))


def _calendars(read: CronSim) -> Iterator[str]:
    """Where both kinds of days are said, cron means either."""
    time = f"{_numbers(read.hours, 24)}:{_numbers(read.minutes, 60)}:00 UTC"
    months, days = _numbers(read.months, 12), _numbers(read.days, 31)
    week = _week({_day(one) for one in read.weekdays})
    if not week or days == "*" or read.day_and:
        yield f"{week}*-{months}-{days} {time}"
        return
    yield f"*-{months}-{days} {time}"
    yield f"{week}*-{months}-* {time}"


def _day(one: Any) -> int:
    return int(one) % _SUNDAY


def _week(days: Collection[int]) -> str:
    if len(days) == len(_DAYS):
        return ""
    return f"{','.join(_DAYS[one] for one in sorted(days))} "


def _numbers(values: Collection[int], all_of_them: int) -> str:
    if len(values) == all_of_them:
        return "*"
    return ",".join(f"{one:02}" for one in sorted(values))
