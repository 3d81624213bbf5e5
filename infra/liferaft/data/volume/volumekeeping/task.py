"""What the program works on: a file that liferaft wrote, which root alone can read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class VolumeVault:
    """One vault. root: the app's folder as restic calls it; remote: the same as rclone does;
    rclone: that program with its flags and the file that has the keys."""

    name: str
    host: str
    port: int
    root: str
    region: str
    access_key: str
    remote: str
    rclone: tuple[str, ...]
    ca_file: str | None = None
    secret_key: str = field(default="", repr=False)


@dataclass(frozen=True)
class VolumeTask:
    """One volume, and where it is kept.

    Attributes:
        volume: what podman calls it; project, service: of the Compose file, by which its container
            is found; part: what a new volume is labelled with.
        folders: below the vault's root, of the reigns that have something of it, the newest first;
            what is kept goes into the first.
        interval: seconds; None for what the program chooses by how long it took last.
        state: a file of this server's own, with what was done last.
        as_of: the moment of which it is brought back; None: as it was last.
    """

    name: str
    volume: str
    part: str
    project: str
    folders: tuple[str, ...]
    vaults: tuple[VolumeVault, ...]
    state: Path
    password: str = field(repr=False)
    service: str = ""
    exclude: tuple[str, ...] = ()
    before: str | None = None
    after: str | None = None
    interval: float | None = None
    as_of: str | None = None

    @classmethod
    def read(cls, path: Path) -> "VolumeTask":
        told: dict[str, Any] = json.loads(path.read_text())
        return cls(
            **{
                **told,
                "folders": tuple(told["folders"]),
                "exclude": tuple(told["exclude"]),
                "vaults": tuple(map(_vault, told["vaults"])),
                "state": Path(told["state"]),
            }
        )


def _vault(told: Mapping[str, Any]) -> VolumeVault:
    return VolumeVault(**{**told, "rclone": tuple(told["rclone"])})
