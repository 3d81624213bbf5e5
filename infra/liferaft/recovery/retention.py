"""Which recovery points stay. Pure: what is told of them goes in, what stays and goes comes out.

The newest point of each of the last so many hours, days and weeks that have one stays, by UTC. What
was not taken does not count: an application that stood still for a month keeps what it had.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

_NAME: Final = "%Y%m%dT%H%M%SZ"
NEWEST: Final = "the newest"
VERIFIED: Final = "the last verified"
NAMED: Final = "an unfinished run names it"


@dataclass(frozen=True, order=True)
class PointKey:
    """A recovery point, of all epochs: they sort as a failover takes the newest."""

    epoch: int
    name: str

    @property
    def taken(self) -> datetime:
        """The moment that the name says, UTC. Raises ValueError for no such name."""
        return datetime.strptime(self.name, _NAME).replace(tzinfo=UTC)

    @property
    def is_moment(self) -> bool:
        """Whether the name says when it was taken."""
        try:
            return self.taken.strftime(_NAME) == self.name
        except ValueError:
            return False


@dataclass(frozen=True)
class Keep:
    """Of how many hours, days and weeks that have a point the newest one stays."""

    hourly: int
    daily: int
    weekly: int


@dataclass(frozen=True)
class Choice:
    """`stays`: each with the reasons for it, the oldest first. `goes`: the others."""

    stays: Mapping[PointKey, tuple[str, ...]]
    goes: tuple[PointKey, ...]


def choose(
    points: Collection[PointKey],
    keep: Keep,
    *,
    verified: Collection[PointKey] = (),
    named: Collection[PointKey] = (),
) -> Choice:
    """Which of these points stay by `keep`, and which do whatever it says: the newest, from which a
    failover would begin, the newest of those that were `verified`, and those `named` by a run."""
    order = sorted(points)
    why: dict[PointKey, list[str]] = {point: [] for point in order}
    proved = [point for point in order if point in set(verified)]
    for reason, spared in ((NEWEST, order[-1:]), (VERIFIED, proved[-1:]), (NAMED, named)):
        for point in spared:
            if point in why:
                why[point].append(reason)
    for word, count, interval in (
        ("hourly", keep.hourly, _hour),
        ("daily", keep.daily, _day),
        ("weekly", keep.weekly, _week),
    ):
        for point in _last_of_each(order, count, interval):
            why[point].append(word)
    return Choice(
        {point: tuple(reasons) for point, reasons in why.items() if reasons},
        tuple(point for point, reasons in why.items() if not reasons),
    )


def _last_of_each(
    points: Collection[PointKey], count: int, interval: Callable[[datetime], object]
) -> tuple[PointKey, ...]:
    """The newest point in each of the last `count` intervals that have one."""
    last: dict[object, PointKey] = {}
    for point in sorted(points, key=lambda one: (one.taken, one.epoch), reverse=True):
        last.setdefault(interval(point.taken), point)
    return tuple(last.values())[:count]


def _hour(moment: datetime) -> object:
    return (moment.date(), moment.hour)


def _day(moment: datetime) -> object:
    return moment.date()


def _week(moment: datetime) -> object:
    """By ISO: from Monday on; the days around a new year are of one week."""
    return moment.isocalendar()[:2]
