"""How old what could be restored is, in each vault: for watchers that look from outside.

A watcher asks again and again, and must be told when nothing is known any more: so a vault that
does not answer is an alarm, and times are told as moments, which age by themselves where whoever
reads them hears nothing new.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum

from liferaft.config import Config
from liferaft.data import registry
from liferaft.evidence.standing import Standing
from liferaft.moves.past_policy import past_policy
from liferaft.recovery import point as points
from liferaft.recovery.proved import proved_points
from liferaft.recovery.retention import PointKey
from liferaft.vault import Vault, VaultFailure, vaults_apart

_MINUTE = 60
_HOUR = 3600
_DAYS = 48 * _HOUR


class Severity(IntEnum):
    """As plugins of Nagios end, by their exit codes:
    https://nagios-plugins.org/doc/guidelines.html#AEN78"""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


@dataclass(frozen=True)
class Limits:
    """How old the newest recovery point and the archive may be."""

    point: timedelta
    archive: timedelta


@dataclass(frozen=True)
class VaultSeen:
    """What one vault has. Moments are UTC; None where it has none.

    trouble: why it does not answer; None where it does. archived: by data set, when something of
    this epoch reached it last. kept: by data set, as of when all of it is there, where a keeper
    notes that. past: points that the policy does not keep.
    """

    name: str
    trouble: str | None = None
    point: datetime | None = None
    verified: datetime | None = None
    archived: Mapping[str, datetime | None] | None = None
    kept: Mapping[str, datetime | None] = field(default_factory=dict)
    past: int = 0


@dataclass(frozen=True)
class Watched:
    """What a watcher is told of, as of `at`."""

    app: str
    at: datetime
    standing: Standing
    vaults: tuple[VaultSeen, ...]


@dataclass(frozen=True)
class Alarm:
    """One thing that is wrong, as a sentence's middle."""

    severity: Severity
    said: str


def watch(config: Config, vault: Vault, standing: Standing, now: datetime | None = None) -> Watched:
    """Look at each vault; one that is known to be silent is not waited for again. Blocks. Raises
    Damaged or Refused where a record cannot be read."""
    silent = {one.vault: one.why or "no answer" for one in standing.vaults if not one.answers}
    seen = (
        VaultSeen(one.name, trouble=silent[one.name])
        if one.name in silent
        else _seen(config, one, standing.epoch)
        for one in vaults_apart(vault)
    )
    return Watched(config.app.name, now or datetime.now(UTC), standing, tuple(seen))


def _seen(config: Config, vault: Vault, epoch: int | None) -> VaultSeen:
    if epoch is None:
        return VaultSeen(vault.name)
    try:
        newest = points.newest_whole(vault, epoch)
        named = PointKey(newest.epoch, newest.name) if newest else None
        archived = {
            name: kind.archived_until(vault, epoch)
            for kind, name in registry.kept(config)
            if kind.archives
        }
        kept = {name: kind.kept_until(vault, epoch, name) for kind, name in registry.kept(config)}
        return VaultSeen(
            vault.name,
            point=named.taken if named and named.is_moment else None,
            verified=_verified(vault, epoch),
            archived=archived,
            kept={name: moment for name, moment in kept.items() if moment},
            past=past_policy(config, vault, epoch),
        )
    except VaultFailure as failure:
        return VaultSeen(vault.name, trouble=failure.facts.happened)


def _verified(vault: Vault, epoch: int) -> datetime | None:
    """Of the last point that was."""
    for number in range(epoch, 0, -1):
        names = (PointKey(number, name) for name in proved_points(vault, number))
        known = [one.taken for one in names if one.is_moment]
        if known:
            return max(known)
    return None


def alarms(seen: Watched, limits: Limits, more: Iterable[Alarm] = ()) -> tuple[Alarm, ...]:
    """What is wrong, the worst first, with what was found elsewhere. Pure."""
    found = (*_alarms(seen, limits), *more)
    return tuple(sorted(found, key=lambda one: -_weight(one.severity)))


def _weight(severity: Severity) -> int:
    """What is known to be bad says more than what is not known."""
    return (Severity.OK, Severity.WARNING, Severity.UNKNOWN, Severity.CRITICAL).index(severity)


def severity_of(found: tuple[Alarm, ...]) -> Severity:
    """That of the worst. Pure."""
    return found[0].severity if found else Severity.OK


def _alarms(seen: Watched, limits: Limits) -> Iterator[Alarm]:
    standing = seen.standing
    if standing.epoch is None:
        yield Alarm(Severity.UNKNOWN, "nothing reigns yet")
        return
    if standing.destroyed_at:
        yield Alarm(Severity.CRITICAL, f"nothing serves: {standing.site} was destroyed")
    for damage in standing.damaged:
        yield Alarm(Severity.WARNING, damage)
    for run in standing.unfinished:
        yield Alarm(Severity.WARNING, f"run {run} is unfinished")
    for lacking in standing.not_in:
        yield Alarm(Severity.WARNING, lacking)
    answering = [one for one in seen.vaults if one.trouble is None]
    for one in seen.vaults:
        if one.trouble is not None:
            severity = Severity.WARNING if answering else Severity.UNKNOWN
            yield Alarm(severity, f"vault {one.name} does not answer: {one.trouble}")
    moments = {one.name: one.point for one in answering}
    yield from _aged("the newest recovery point", moments, limits.point, seen.at)
    for data in dict.fromkeys(name for one in answering for name in one.archived or {}):
        moments = {one.name: (one.archived or {}).get(data) for one in answering}
        yield from _aged(f"the archive of {data}", moments, limits.archive, seen.at)


def _aged(
    what: str, moments: Mapping[str, datetime | None], limit: timedelta, now: datetime
) -> Iterator[Alarm]:
    """Critical where no vault has it younger than the limit; a warning where only some have not."""
    late = {name: at for name, at in moments.items() if at is None or now - at > limit}
    severity = Severity.CRITICAL if len(late) == len(moments) else Severity.WARNING
    for name, at in late.items():
        how = "is not there" if at is None else f"is {words(now - at)} old"
        yield Alarm(severity, f"{what} in vault {name} {how} ({words(limit)} at most)")


def words(age: timedelta) -> str:
    """An age, as a person says it."""
    seconds = int(age.total_seconds())
    if seconds < 2 * _MINUTE:
        return f"{seconds} s"
    if seconds < 2 * _HOUR:
        return f"{seconds // _MINUTE} min"
    return f"{seconds // _HOUR} h" if seconds < _DAYS else f"{seconds // (24 * _HOUR)} days"
