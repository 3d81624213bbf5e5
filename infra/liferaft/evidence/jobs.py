"""How jobs of a schedule went last, and when each runs next: asked of the servers that run them."""

import asyncio
import json
import shlex
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from cronsim import CronSim

from liferaft.config import Config
from liferaft.config.jobs import JobConfig
from liferaft.evidence.watch import Alarm, Severity
from liferaft.failures import Failure
from liferaft.hosts.job_timers import STATES, service, timer
from liferaft.hosts.jobrunning.scheduled import WELL, JobRun
from liferaft.site.scheduling import scheduled, seat_of

if TYPE_CHECKING:
    from liferaft.site.world import World

ASK_SECONDS: Final = 8.0
_CLOSE_SECONDS: Final = 1.0
LATE: Final = timedelta(minutes=5)
"""For the vaults that are asked, and a release that is changed meanwhile."""


@dataclass(frozen=True)
class JobSeen:
    """One job. last: how it went; None where it never ran at this site. is_timed: whether its timer
    runs; None, like all else, where its server does not say, and `trouble` says why. next: UTC,
    ISO 8601. missed: the moment at which it was to begin and did not."""

    name: str
    server: str
    schedule: str
    next: str
    last: JobRun | None = None
    runs: bool = False
    is_timed: bool | None = None
    missed: str | None = None
    trouble: str | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def ended(self) -> datetime | None:
        """When it did last."""
        return _moment(self.last.ended) if self.last else None

    @property
    def ailment(self) -> str | None:
        """What is wrong with it, as a sentence's end; None where nothing is."""
        if self.trouble is not None:
            return f"how it went is not known: {self.trouble}"
        if not self.is_timed:
            return "its timer does not run: `liferaft deploy` starts it"
        if self.missed is not None:
            return f"it was to begin at {self.missed}, and did not"
        if self.last is not None and self.last.outcome != WELL:
            return f"{self.last.outcome} at {self.last.ended}: {self.last.why}"
        return None

    @property
    def sentence(self) -> str:
        said = self.ailment or self._well()
        return f"{self.name} on {self.server}: {said}; next at {self.next}"

    def _well(self) -> str:
        if self.last is None:
            return "it runs for the first time" if self.runs else "it has not run yet"
        return f"went well at {self.last.ended}{', runs now' if self.runs else ''}"


async def jobs_seen(
    world: "World", now: datetime, since: datetime, seconds: float = ASK_SECONDS
) -> tuple[JobSeen, ...]:
    """All jobs of a schedule, their servers asked at once and for no longer than that. since: from
    when on they run at this site. What is refused is told, not raised."""
    config = world.site.config
    rows = (
        _asked(world, _seen(config, name, job, now), _due(job, now, since), seconds)
        for name, job in scheduled(config).items()
    )
    try:
        return tuple(await asyncio.gather(*rows))
    finally:
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                await world.servers.close()


def unasked(config: Config, now: datetime, trouble: str) -> tuple[JobSeen, ...]:
    """The same where nobody can be asked. Pure."""
    return tuple(
        _seen(config, name, job, now, trouble=trouble) for name, job in scheduled(config).items()
    )


def failing(jobs: Iterable[JobSeen]) -> Iterator[Alarm]:
    """An alarm for each that did not go well. Pure."""
    for one in jobs:
        if one.ailment is not None:
            yield Alarm(Severity.WARNING, f"job {one.name}: {one.ailment}")


async def _asked(world: "World", one: JobSeen, due: datetime | None, seconds: float) -> JobSeen:
    """due: when something has to have begun by now; None: nothing."""
    units = " ".join(map(shlex.quote, (timer(one.name), service(one.name))))
    script = f"systemctl is-active {units} || :; cat {STATES}/{one.name}.json || :"
    try:
        async with asyncio.timeout(seconds):
            host = await world.servers.host(one.server)
            timed, runs, *noted = (await host.run(script)).text.split("\n", 2)
        last = JobRun(**json.loads(noted[0])) if noted else None
        began = last is not None and due is not None and _moment(last.ended) >= due
    except TimeoutError:
        return replace(one, trouble=f"no answer within {seconds:.0f} s")
    except Failure as failure:
        return replace(one, trouble=failure.facts.happened.rstrip("."))
    except (ValueError, TypeError, LookupError) as odd:
        return replace(one, trouble=f"what its server answered is odd ({odd})")
    is_missed = due is not None and not began and runs in ("inactive", "failed")
    return replace(
        one,
        last=last,
        runs=runs in ("active", "activating"),
        is_timed=timed == "active",
        missed=_iso(due) if due and is_missed else None,
    )


def _seen(
    config: Config, name: str, job: JobConfig, now: datetime, *, trouble: str | None = None
) -> JobSeen:
    seat = seat_of(config, name)
    coming = next(CronSim(job.schedule or "", now.astimezone(UTC)))
    server = seat.name if seat else "no server"
    return JobSeen(name, server, job.schedule or "", _iso(coming), trouble=trouble)


def _due(job: JobConfig, now: datetime, since: datetime) -> datetime | None:
    """The newest moment of the schedule that is past; None where the site did not reign then."""
    due = next(CronSim(job.schedule or "", (now - LATE).astimezone(UTC), reverse=True))
    return due if due > since.astimezone(UTC) else None


def _moment(written: str) -> datetime:
    return datetime.fromisoformat(written)


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
