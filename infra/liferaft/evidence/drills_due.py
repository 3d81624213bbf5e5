"""How long ago a drill of each site came back, and whether the next one is overdue."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final

from liferaft.config import Config
from liferaft.evidence.drills_played import LANES, drills_played, is_good
from liferaft.evidence.watch import Alarm, Severity, words
from liferaft.journal.clock import moment
from liferaft.vault import EpochChain, EpochRecord, Vault

Tried = tuple[str, bool]
"""A site, and whether its data alone is meant."""
NEVER: Final = "no drill of it came back yet"


@dataclass(frozen=True)
class DrillDue:
    """Of one site that does not reign. Moments are UTC.

    good: when the newest drill began that came back in [targets]; None where there is none, or none
    among those that are looked back on. counted: from when on the next one is waited for. every:
    how often one has to come back. overdue: from when on it is missed. These are None where [drill]
    asks for none. data_only: of the site's data, which whole drills bring back as well.
    """

    site: str
    good: datetime | None
    counted: datetime | None = None
    every: timedelta | None = None
    overdue: datetime | None = None
    data_only: bool = False

    @property
    def what(self) -> str:
        return f"the data at {self.site}" if self.data_only else self.site

    def is_overdue(self, now: datetime) -> bool:
        return self.overdue is not None and now > self.overdue

    def age(self, now: datetime) -> float | None:
        """Seconds since the newest one that came back began."""
        return None if self.good is None else max(0.0, (now - self.good).total_seconds())

    def sentence(self, now: datetime) -> str:
        """For people who look."""
        said = NEVER if self.good is None else f"one came back {words(now - self.good)} ago"
        if self.overdue is None or self.every is None:
            return f"{self.what}: {said}"
        asked = f"one every {words(self.every)} is asked for"
        if self.is_overdue(now):
            return f"{self.what}: OVERDUE since {self.overdue:%Y-%m-%d %H:%M} UTC: {said}, {asked}"
        return f"{self.what}: {said}, {asked}"

    def missed(self, now: datetime) -> str | None:
        """For who is alarmed: a sentence without its end; None where nothing is missed."""
        if not self.is_overdue(now) or self.every is None or self.counted is None:
            return None
        return (
            f"no drill of {self.what} has come back for {words(now - self.counted)}, and one every "
            f"{words(self.every)} is asked for"
        )

    def to_json(self, now: datetime) -> dict[str, Any]:
        return {
            "site": self.site,
            "data_only": self.data_only,
            "good": self.good and self.good.isoformat(),
            "overdue": self.overdue and self.overdue.isoformat(),
            "is_overdue": self.is_overdue(now),
        }


def drills_due(config: Config, vault: Vault, *, but: str = "") -> tuple[DrillDue, ...]:
    """Of each site that has to be tried, in the order of the file; where none has to be, of those
    among the newest drills. Nothing before the first deploy. but: a drill that does not count.
    Blocks."""
    current = EpochChain(vault).current()
    if current is None:
        return ()
    standbys = [site for site in config.sites if site != current.site]
    asked = [
        (site, data_only)
        for data_only in (False, True)
        for site in standbys
        if site in config.drill.asked(data_only=data_only)
    ]
    good = _newest_good(config, vault, asked, but)
    others = [(site, False) for site in standbys if (site, False) not in asked]
    return (
        *(_due(config, current, *one, good.get(one)) for one in asked),
        *(DrillDue(one[0], good[one]) for one in others if one in good),
    )


def missed_drills(due: Collection[DrillDue], now: datetime) -> Iterator[Alarm]:
    """For a watcher: it works today, for all that is known, and that was not tried. Pure."""
    for one in due:
        if said := one.missed(now):
            yield Alarm(Severity.WARNING, said)


def _newest_good(
    config: Config, vault: Vault, asked: Collection[Tried], but: str
) -> dict[Tried, datetime]:
    """As far back as it takes to know it of all that are asked for, or as LANES drills. What is
    further back than the longest span that is asked for keeps nothing from being overdue."""
    found = dict[Tried, datetime]()
    spans = (config.drill.overdue_after(site, data_only=data) for site, data in asked)
    within = max(filter(None, spans), default=timedelta())
    played = drills_played(vault, but=but, within=within)
    for drill in played if asked else islice(played, LANES):
        if is_good(drill):
            began = moment(drill.began).astimezone(UTC)
            found.setdefault((drill.site, True), began)
            if not drill.data_only:
                found.setdefault((drill.site, False), began)
        if asked and all(one in found for one in asked):
            break
    return found


def _due(
    config: Config, current: EpochRecord, site: str, data_only: bool, good: datetime | None
) -> DrillDue:
    """A site that has no drill in this reign is waited for from its beginning on: before that
    something else was to be moved."""
    since = moment(current.at).astimezone(UTC)
    counted = max(since, good) if good else since
    every = config.drill.asked(data_only=data_only)[site]
    longest = config.drill.overdue_after(site, data_only=data_only)
    assert longest is not None
    return DrillDue(site, good, counted, every, counted + longest, data_only)
