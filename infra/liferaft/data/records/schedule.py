"""Catching up by itself: a timer on the server of the database, whose program brings a vault that
was away the records that it lacks.

It holds the servers' own pair of each vault, and needs no key of the operator's.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from liferaft.data.kind import DataPlace, Kind
from liferaft.plan.step import Step
from liferaft.remote.acts import HostActFailed, act, succeeds
from liferaft.remote.files import PROGRAMS, HostFile, differing, folders, put_changed
from liferaft.remote.markers import MARKERS
from liferaft.remote.program import packed, require_python
from liferaft.site.reach import VaultAccess, vault_accesses
from liferaft.site.world import World

TIMER: Final = "liferaft-records.timer"
SERVICE: Final = "liferaft-records.service"
PROGRAM: Final = f"{PROGRAMS}/liferaft-records"
SETTINGS: Final = "/etc/liferaft/records.json"
"""root's alone: it holds keys."""
STATE: Final = f"{MARKERS}/records.compared"
_UNITS: Final = "/etc/systemd/system"
_SOURCES: Final = Path(__file__).parent


def of_schedule(kind: Kind[Any], at: DataPlace) -> Step:
    return Step(
        "records-schedule",
        "Bring vaults that were away the records that they lack, by itself",
        ScheduleRecords(kind.server(at.roster), at.epoch),
        deadline=120,
    )


@dataclass(frozen=True)
class ScheduleRecords:
    """The timer on the server of the database runs, at boot too, for this epoch."""

    server: str
    epoch: int

    async def holds(self, world: World) -> bool:
        host = await world.servers.host(self.server)
        for asked in ("is-active", "is-enabled"):
            if not await succeeds(host, ["systemctl", asked, "--quiet", TIMER]):
                return False
        return not await differing(host, files(world, self.epoch))

    async def apply(self, world: World) -> Mapping[str, Any]:
        host = await world.servers.host(self.server)
        await require_python(
            host,
            "The database's server has no Python, in which the program is written that brings "
            "vaults what they lack",
        )
        await folders(host, "/etc/liferaft", PROGRAMS, MARKERS)
        await put_changed(host, files(world, self.epoch))
        script = f"systemctl daemon-reload && systemctl enable {TIMER} && systemctl restart {TIMER}"
        await act(host, ["bash", "-c", script], doing="Starting the timer of records")
        return {}

    async def prove(self, world: World) -> None:
        if not await self.holds(world):
            raise HostActFailed(
                f"The timer of records on {self.server} is not as it was set",
                do="Run the same command again.",
            )


def files(world: World, epoch: int) -> tuple[HostFile, ...]:
    """All that the timer goes by."""
    order = list(world.site.config.vaults)
    reached = sorted(vault_accesses(world), key=lambda one: order.index(one.name))
    settings = {"epoch": epoch, "state": STATE, "vaults": [_vault(one) for one in reached]}
    units = (
        HostFile(f"{_UNITS}/{name}", (_SOURCES / "files" / name).read_bytes())
        for name in (TIMER, SERVICE)
    )
    return (
        HostFile(PROGRAM, program(), mode=0o755),
        HostFile(SETTINGS, json.dumps(settings, sort_keys=True).encode(), mode=0o600),
        *units,
    )


def _vault(one: VaultAccess) -> Mapping[str, Any]:
    """As the program's `RecordsVault` is."""
    return {
        "name": one.name,
        "url": one.url,
        "bucket": one.bucket,
        "region": one.region,
        "access_key": one.access_key,
        "secret_key": one.secret_key,
        "ca_file": one.ca_file,
        "prefix": one.prefix,
    }


@cache
def program() -> bytes:
    """An archive that Python runs, with what of the bucket's program asks stores."""
    return packed(_SOURCES / "recordbringing", beside=_SOURCES.parent / "bucket" / "bucketcopy")
