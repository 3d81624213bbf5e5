"""The program that keeps volumes, as one file for a server, and what it is told to work on."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from liferaft.data.rclone import Rclone, Sealed, ca_files
from liferaft.data.volume.places import VolumeOnServer
from liferaft.hosts.workload import PROJECT
from liferaft.remote.contract import Host
from liferaft.remote.files import PROGRAMS, HostFile, folders, put_changed
from liferaft.remote.markers import MARKERS
from liferaft.remote.program import packed
from liferaft.vault.layout import EpochKeys

AREA: Final = "volume"
"""The folder of volumes below an epoch's in a vault."""
PROGRAM: Final = f"{PROGRAMS}/liferaft-volume"
TASKS: Final = "/etc/liferaft/volumes"
"""A file for each act on each volume; they hold keys."""
STATES: Final = f"{MARKERS}/volumes"
"""A file for each vault and volume, in which the program notes what it did last."""
PACKAGES: Final = ("restic", "rclone", "python3")
KEEPER, RESTORE, SCRATCH = "keeper", "restore", "scratch"
"""For what a task is used: each has a file of its own."""
_SOURCES: Final = Path(__file__).parent / "volumekeeping"


@dataclass(frozen=True)
class VolumeAct:
    """What one act on one volume works on. epochs: the newest first; what is kept goes into the
    first. as_of: the moment of which it is brought back, ISO 8601."""

    volume: VolumeOnServer
    vaults: Sequence[Sealed]
    epochs: Sequence[int]
    use: str = KEEPER
    as_of: str | None = None

    @property
    def instance(self) -> str:
        """Vault and volume. No name has a colon."""
        return f"{self.vaults[0].vault.name}:{self.volume.name}"

    @property
    def path(self) -> str:
        return f"{TASKS}/{self.use}-{self.instance}.json"

    def argv(self, act: str, *more: str) -> list[str]:
        """No secret is in there."""
        return [PROGRAM, act, self.path, *more]

    def files(self, host: Host) -> tuple[HostFile, ...]:
        """Program, task, and the configuration by which rclone reaches each vault."""
        document = json.dumps(self._document(host), indent=1, sort_keys=True).encode()
        return (
            HostFile(PROGRAM, program(), mode=0o755),
            HostFile(self.path, document, mode=0o600),
            *(self._rclone(host, one).config_file(one.config(AREA)) for one in self.vaults),
        )

    async def put(self, host: Host) -> None:
        """All that is on the host."""
        await folders(host, "/etc/liferaft", PROGRAMS, MARKERS)
        await folders(host, TASKS, STATES, mode=0o700)
        for one in self.vaults:
            await self._rclone(host, one).configure(one.config(AREA))
        await put_changed(host, self.files(host))

    def _rclone(self, host: Host, one: Sealed) -> Rclone:
        return Rclone(host, f"volumes-{self.use}-{one.vault.name}", ca_files(one.vault))

    def _document(self, host: Host) -> dict[str, Any]:
        volume, told = self.volume, self.volume.told
        return {
            "name": volume.name,
            "volume": volume.called,
            "part": volume.part,
            "project": PROJECT,
            "service": volume.service,
            "folders": [folder(epoch, volume.name) for epoch in self.epochs],
            "password": self.vaults[0].seal.password,
            "exclude": list(told.exclude),
            "before": told.before,
            "after": told.after,
            "interval": told.interval.total_seconds() if told.interval else None,
            "state": f"{STATES}/{self.instance}",
            "as_of": self.as_of,
            "vaults": [self._vault(host, one) for one in self.vaults],
        }

    def _vault(self, host: Host, one: Sealed) -> Mapping[str, Any]:
        """As the program's `VolumeVault` is."""
        vault = one.vault
        return {
            "name": vault.name,
            "host": vault.host,
            "port": vault.port,
            "root": f"s3:{vault.url}/{vault.bucket}/{vault.prefix}",
            "region": vault.region,
            "access_key": vault.access_key,
            "secret_key": vault.secret_key,
            "ca_file": vault.ca_file,
            "remote": one.raw_path(""),
            "rclone": self._rclone(host, one).argv(),
        }


def folder(epoch: int, name: str) -> str:
    """Where a volume is kept under an epoch, in a vault below the app's folder."""
    return EpochKeys(epoch).data(AREA, name)


@cache
def program() -> bytes:
    """An archive that Python runs."""
    return packed(_SOURCES)
