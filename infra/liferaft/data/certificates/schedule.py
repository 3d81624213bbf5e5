"""Certificates by themselves: a timer on the server that Caddy runs on, whose program keeps what
was renewed in every vault, where servers take recovery points by themselves.

The server of the database, which takes those points, has no way to this one: it finds in the vault
what is noted there.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from liferaft.data.certificates.dataset import AREA
from liferaft.data.kind import DataPlace, Kind
from liferaft.data.rclone import Rclone, Sealed, ca_files
from liferaft.data.sealed import seals
from liferaft.edge.caddyfile import STORAGE
from liferaft.plan.step import Step
from liferaft.remote.acts import HostActFailed, act, succeeds
from liferaft.remote.contract import Host
from liferaft.remote.files import PROGRAMS, HostFile, differing, folders, put_changed
from liferaft.remote.markers import MARKERS
from liferaft.remote.program import packed, require_python
from liferaft.site.world import World
from liferaft.vault.layout import EpochKeys

TIMER: Final = "liferaft-certificates.timer"
SERVICE: Final = "liferaft-certificates.service"
PROGRAM: Final = f"{PROGRAMS}/liferaft-certificates"
SETTINGS: Final = "/etc/liferaft/certificates.json"
STATE: Final = f"{MARKERS}/certificates.kept"
_UNITS: Final = "/etc/systemd/system"
_SOURCES: Final = Path(__file__).parent


def of_schedule(kind: Kind[Any], at: DataPlace) -> Step:
    """The timer runs where servers take points by themselves; elsewhere there is none."""
    keeps = at.config.snapshots.every is not None
    said = (
        "Keep certificates that Caddy renews in every vault, by itself"
        if keeps
        else "Keep certificates with each snapshot alone"
    )
    return Step(
        "certificates-schedule",
        said,
        ScheduleCertificates(kind.server(at.roster), at.epoch, keeps=keeps),
        deadline=120,
    )


@dataclass(frozen=True)
class ScheduleCertificates:
    """The timer on the edge's server runs, at boot too, or does not."""

    server: str
    epoch: int
    keeps: bool

    async def holds(self, world: World) -> bool:
        host = await world.servers.host(self.server)
        if await succeeds(host, ["systemctl", "is-active", "--quiet", TIMER]) is not self.keeps:
            return False
        if not self.keeps:
            return True
        if not await succeeds(host, ["systemctl", "is-enabled", "--quiet", TIMER]):
            return False
        each = await seals(world)
        configs = [_rclone(host, one).config_file(_sections(one, self.epoch)) for one in each]
        return not await differing(host, [*files(host, each, self.epoch), *configs])

    async def apply(self, world: World) -> Mapping[str, Any]:
        host = await world.servers.host(self.server)
        if not self.keeps:
            argv = ["systemctl", "disable", "--now", TIMER]
            await act(host, argv, doing="Stopping the timer of certificates")
            return {"keeps": False}
        await require_python(
            host,
            "The server that Caddy runs on has no Python, in which the program is written that "
            "keeps certificates",
        )
        await put(host, await seals(world), self.epoch)
        script = f"systemctl daemon-reload && systemctl enable {TIMER} && systemctl restart {TIMER}"
        await act(host, ["bash", "-c", script], doing="Starting the timer of certificates")
        return {"keeps": True}

    async def prove(self, world: World) -> None:
        if not await self.holds(world):
            raise HostActFailed(
                f"The timer of certificates on {self.server} is not as it was set",
                do="Run the same command again.",
            )


async def put(host: Host, each: Sequence[Sealed], epoch: int, *, folder: str = STORAGE) -> None:
    """The program, and all that it goes by."""
    await folders(host, "/etc/liferaft", PROGRAMS, MARKERS)
    for one in each:
        await _rclone(host, one).configure(_sections(one, epoch))
    await put_changed(host, files(host, each, epoch, folder=folder))


def files(
    host: Host, each: Sequence[Sealed], epoch: int, *, folder: str = STORAGE
) -> tuple[HostFile, ...]:
    """But for the keys, which are in rclone's own files."""
    names = (TIMER, SERVICE)
    units = (
        HostFile(f"{_UNITS}/{name}", (_SOURCES / "files" / name).read_bytes()) for name in names
    )
    settings = {
        "epoch": epoch,
        "folder": folder,
        "note": EpochKeys(epoch).kept_certificates,
        "state": STATE,
        "vaults": [_vault(host, one, epoch) for one in each],
    }
    return (
        HostFile(PROGRAM, program(), mode=0o755),
        HostFile(SETTINGS, json.dumps(settings, sort_keys=True).encode(), mode=0o644),
        *units,
    )


def _vault(host: Host, one: Sealed, epoch: int) -> Mapping[str, Any]:
    """As the program's `VaultByRclone` is."""
    return {
        "name": one.vault.name,
        "argv": _rclone(host, one).argv(),
        "sealed": one.path(AREA, epoch),
        "area": one.folder(AREA, epoch),
        "beside": one.raw_path(""),
    }


def _rclone(host: Host, one: Sealed) -> Rclone:
    return Rclone(host, f"certificates-keeper{one.apart}", ca_files(one.vault))


def _sections(one: Sealed, epoch: int) -> str:
    return one.config(AREA, epoch)


@cache
def program() -> bytes:
    """An archive that Python runs."""
    return packed(_SOURCES / "certkeeping")
