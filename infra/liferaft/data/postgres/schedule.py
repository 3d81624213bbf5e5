"""Recovery points by themselves: a timer on the server of the database, whose program takes one
where the newest is old enough, and one whose program tries the newest.

The program goes by what the archiver has: the epoch that this server reigns in, a configuration for
each vault. So it follows a vault that is taken out or brought back, takes nothing on a server that
does not reign, and needs no key of the operator's.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from liferaft.data.kind import DataPlace, Kind
from liferaft.data.postgres import proof
from liferaft.data.postgres.binding import config_of, database_name
from liferaft.data.postgres.digests import QUESTIONS
from liferaft.data.postgres.layout import ETC, Cluster, cluster_of
from liferaft.data.proof import scratch_argv
from liferaft.plan.step import Step
from liferaft.plan.telling import TOLD
from liferaft.remote.acts import HostActFailed, act, succeeds
from liferaft.remote.contract import Host
from liferaft.remote.files import PROGRAMS, HostFile, differing, folders, put_changed
from liferaft.remote.markers import MARKERS
from liferaft.remote.program import packed, require_python
from liferaft.site.world import World

TIMER: Final = "liferaft-points.timer"
SERVICE: Final = "liferaft-points.service"
VERIFY_TIMER: Final = "liferaft-verify.timer"
VERIFY_SERVICE: Final = "liferaft-verify.service"
SETTINGS: Final = "/etc/liferaft/points.json"
PING: Final = "/etc/liferaft/points.ping"
"""root's alone: whoever knows the address can keep the alarm quiet."""
ATTEMPTS: Final = f"{MARKERS}/trials"
BACKUP_SECONDS: Final = 6 * 3600.0
TRIAL_SECONDS: Final = 12 * 3600.0
"""A trial gives way to everything: on a busy server it takes its time."""
_PROGRAM: Final = f"{PROGRAMS}/liferaft-points"
_UNITS: Final = "/etc/systemd/system"
_SOURCES: Final = Path(__file__).parent


def of_schedule(kind: Kind[Any], at: DataPlace) -> Step:
    """The timer runs as liferaft.toml says; where it says nothing there is none."""
    snapshots = at.config.snapshots
    verify = snapshots.verify_every
    every = snapshots.every.total_seconds() if snapshots.every else None
    said = (
        f"Take a recovery point of the database by itself where the newest is {snapshots.every} old"
        if every
        else "Take no recovery points by themselves"
    ) + (f", and try the newest where the last trial is {verify} old" if verify else "")
    return Step(
        "schedule",
        said,
        SchedulePoints(
            *(at.name, at.site, kind.server(at.roster)),
            every=every,
            full_every=snapshots.full_every.total_seconds(),
            pings=snapshots.ping is not None,
            verify_every=verify.total_seconds() if verify else None,
            database="" if config_of(at.config).service else at.config.app.name,
        ),
        deadline=120,
    )


@dataclass(frozen=True)
class SchedulePoints:
    """The timer on the server of the database runs, at boot too, with these intervals in seconds;
    without `every` it does not run. pings: whether an address outside is asked for while points are
    young, which only the credentials hold. verify_every: how old the last trial of each vault may
    be; without it nothing is tried. database: the app's; empty where the Compose file says it."""

    name: str
    site: str
    server: str
    every: float | None
    full_every: float
    pings: bool = False
    verify_every: float | None = None
    database: str = ""

    @property
    def timers(self) -> Mapping[str, bool]:
        """Each, and whether it is to run."""
        verifies = self.every is not None and self.verify_every is not None
        return {TIMER: self.every is not None, VERIFY_TIMER: verifies}

    async def holds(self, world: World) -> bool:
        host = await world.servers.host(self.server)
        for timer, wanted in self.timers.items():
            runs = await succeeds(host, ["systemctl", "is-active", "--quiet", timer])
            if runs is not wanted:
                return False
            if wanted and not await succeeds(host, ["systemctl", "is-enabled", "--quiet", timer]):
                return False
        return self.every is None or not await differing(host, self.files(world))

    async def apply(self, world: World) -> Mapping[str, Any]:
        host = await world.servers.host(self.server)
        await self._stop(host)
        if self.every is None:
            return {"every": None}
        await require_python(
            host,
            "The database's server has no Python, in which the program for recovery points is "
            "written",
        )
        await folders(host, "/etc/liferaft", PROGRAMS)
        if not self.pings:
            await act(host, ["rm", "-f", PING], doing="Forgetting whom points are told to")
        await put_changed(host, self.files(world))
        run = " ".join(timer for timer, wanted in self.timers.items() if wanted)
        script = f"systemctl daemon-reload && systemctl enable {run} && systemctl restart {run}"
        await act(host, ["bash", "-c", script], doing="Starting the timer of recovery points")
        if self.pings and world.site.credentials.ping_url is None:
            unset = (
                "The variable that `ping` names is not set: NOBODY IS TOLD that points are young."
            )
            return {
                "every": self.every,
                TOLD: [f"{unset} Set it, then `liferaft snapshot schedule`."],
            }
        return {"every": self.every}

    async def _stop(self, host: Host) -> None:
        """Those that are not to run; one of a version before is not there."""
        for timer, wanted in self.timers.items():
            if not wanted and await succeeds(host, ["systemctl", "is-active", "--quiet", timer]):
                argv = ["systemctl", "disable", "--now", timer]
                await act(host, argv, doing="Stopping the timer")

    async def prove(self, world: World) -> None:
        if not await self.holds(world):
            raise HostActFailed(
                f"The timer of recovery points on {self.server} is not as it was set",
                do="Run the same command again.",
            )

    def files(self, world: World) -> tuple[HostFile, ...]:
        """All that the timer goes by, as it has to lie on the server."""
        address = world.site.credentials.ping_url if self.pings else None
        cluster = cluster_of(world.site.config.system)
        every = self.verify_every
        settings = {
            "site": self.site,
            "data": self.name,
            "every": self.every,
            "full_every": self.full_every,
            "backup_seconds": BACKUP_SECONDS,
            "pgbackrest": ETC,
            "beside": MARKERS,
            **({"ping": PING} if address else {}),
            **({"verify": self._verify(world, every, cluster)} if every else {}),
        }
        names = (TIMER, SERVICE, *((VERIFY_TIMER, VERIFY_SERVICE) if self.verify_every else ()))
        units = (
            HostFile(f"{_UNITS}/{name}", (_SOURCES / "files" / name).read_bytes()) for name in names
        )
        return (
            HostFile(_PROGRAM, program(), mode=0o755),
            HostFile(SETTINGS, json.dumps(settings, sort_keys=True).encode(), mode=0o644),
            *([HostFile(PING, address.get_secret_value().encode(), mode=0o600)] if address else []),
            *([proof.scratch_program()] if self.verify_every else []),
            *units,
        )

    def _verify(self, world: World, every: float, cluster: Cluster) -> Mapping[str, Any]:
        """As the program's `TrialSettings` are."""
        database = self.database or database_name(world.site.config)
        return {
            "every": every,
            "argv": scratch_argv(
                [proof.PROGRAM],
                deadline=TRIAL_SECONDS,
                user="postgres",
                deletes=proof.SCRATCH,
            ),
            "order": proof.order_of_any(database, cluster),
            "questions": list(QUESTIONS),
            "growth": proof.GROWTH,
            "seconds": TRIAL_SECONDS + 60,
            "attempts": ATTEMPTS,
        }


@cache
def program() -> bytes:
    """An archive that Python runs."""
    return packed(_SOURCES / "pointtaking")
