"""Recovery points by themselves: a timer on the server of the database, whose program takes one
where the newest is old enough.

The program goes by what the archiver has: the epoch that this server reigns in, a configuration for
each vault. So it follows a vault that is taken out or brought back, takes nothing on a server that
does not reign, and needs no key of the operator's.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from liferaft.data.kind import DataPlace, Kind
from liferaft.data.postgres.layout import ETC
from liferaft.plan.milestones import Hung, Milestone
from liferaft.plan.step import Step
from liferaft.plan.telling import TOLD
from liferaft.remote.acts import HostActFailed, act, succeeds
from liferaft.remote.contract import Host
from liferaft.remote.files import PROGRAMS, HostFile, differing, folders, put_changed
from liferaft.remote.program import packed
from liferaft.site.world import World

TIMER: Final = "liferaft-points.timer"
SERVICE: Final = "liferaft-points.service"
SETTINGS: Final = "/etc/liferaft/points.json"
PING: Final = "/etc/liferaft/points.ping"
"""root's alone: whoever knows the address can keep the alarm quiet."""
BACKUP_SECONDS: Final = 6 * 3600.0
_PROGRAM: Final = f"{PROGRAMS}/liferaft-points"
_UNITS: Final = "/etc/systemd/system"
_SOURCES: Final = Path(__file__).parent


def of_schedule(kind: Kind[Any], at: DataPlace) -> Step:
    """The timer runs as liferaft.toml says; where it says nothing there is none."""
    snapshots = at.config.snapshots
    every = snapshots.every.total_seconds() if snapshots.every else None
    said = (
        f"Take a recovery point of the database by itself where the newest is {snapshots.every} old"
        if every
        else "Take no recovery points by themselves"
    )
    return Step(
        "schedule",
        said,
        SchedulePoints(
            *(at.name, at.site, kind.server(at.roster)),
            every=every,
            full_every=snapshots.full_every.total_seconds(),
            pings=snapshots.ping is not None,
        ),
        deadline=120,
    )


@dataclass(frozen=True)
class SchedulePoints:
    """The timer on the server of the database runs, at boot too, with these intervals in seconds;
    without `every` it does not run. pings: whether an address outside is asked for while points are
    young, which only the credentials hold."""

    name: str
    site: str
    server: str
    every: float | None
    full_every: float
    pings: bool = False

    async def holds(self, world: World) -> bool:
        host = await world.servers.host(self.server)
        runs = await succeeds(host, ["systemctl", "is-active", "--quiet", TIMER])
        if self.every is None or not runs:
            return runs is (self.every is not None)
        enabled = await succeeds(host, ["systemctl", "is-enabled", "--quiet", TIMER])
        return enabled and not await differing(host, self.files(world))

    async def apply(self, world: World) -> Mapping[str, Any]:
        host = await world.servers.host(self.server)
        if self.every is None:
            await act(host, ["systemctl", "disable", "--now", TIMER], doing="Stopping the timer")
            return {"every": None}
        await _require_python(host)
        await folders(host, "/etc/liferaft", PROGRAMS)
        if not self.pings:
            await act(host, ["rm", "-f", PING], doing="Forgetting whom points are told to")
        await put_changed(host, self.files(world))
        script = f"systemctl daemon-reload && systemctl enable {TIMER} && systemctl restart {TIMER}"
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

    async def prove(self, world: World) -> None:
        if not await self.holds(world):
            raise HostActFailed(
                f"The timer of recovery points on {self.server} is not as it was set",
                do="Run the same command again.",
            )

    def files(self, world: World) -> tuple[HostFile, ...]:
        """All that the timer goes by, as it has to lie on the server."""
        address = world.site.credentials.ping_url if self.pings else None
        settings = {
            "site": self.site,
            "data": self.name,
            "every": self.every,
            "full_every": self.full_every,
            "backup_seconds": BACKUP_SECONDS,
            "pgbackrest": ETC,
            **({"ping": PING} if address else {}),
        }
        units = (
            HostFile(f"{_UNITS}/{name}", (_SOURCES / "files" / name).read_bytes())
            for name in (TIMER, SERVICE)
        )
        return (
            HostFile(_PROGRAM, program(), mode=0o755),
            HostFile(SETTINGS, json.dumps(settings, sort_keys=True).encode(), mode=0o644),
            *([HostFile(PING, address.get_secret_value().encode(), mode=0o600)] if address else []),
            *units,
        )


@cache
def program() -> bytes:
    """An archive that Python runs."""
    return packed(_SOURCES / "pointtaking")


async def _require_python(host: Host) -> None:
    if not await succeeds(host, ["python3", "--version"]):
        raise HostActFailed(
            "The database's server has no Python, in which the program for recovery points is "
            "written",
            safe="Nothing was changed there.",
            do="Install the package python3 on it, and run the same command again.",
        )


def hung_where_asked_for(kind: Kind[Any], at: DataPlace) -> Iterator[Hung]:
    """The same in a deploy or failover, where liferaft.toml asks for it: last of all."""
    if at.config.snapshots.every is not None:
        yield Hung(of_schedule(kind, at), Milestone.PROVED)
