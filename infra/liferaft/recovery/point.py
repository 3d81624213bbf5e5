"""A recovery point: everything needed to bring the application back as of one moment.

It is named by one manifest, written last: a manifest that exists is whole. Its parts lie beside it
in the vault, encrypted; the manifest itself holds no secret and no row of the application's data.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from liferaft.data.contract import Part
from liferaft.failures import Refused
from liferaft.vault.contract import Vault

VERSION = 2


class NoRecoveryPoint(Refused):
    """No vault that could be asked holds a whole recovery point."""


@dataclass(frozen=True)
class RecoveryPoint:
    """The manifest.

    Attributes:
        name: `20261122T140507Z`, UTC, sorts by time, unique within its epoch.
        epoch: the reign that wrote it; all keys of its parts lie under `epoch-<8 digits>/`.
        site: where the data came from.
        taken_at: when the last part was complete, UTC, ISO 8601.
        platform: what a restore needs to be the same: system, architecture, C library, PostgreSQL's
            major version, collations, as `data.postgres.platform` measured them; compared before
            one begins.
        parts: one per kind and name of data.
    """

    name: str
    app: str
    epoch: int
    site: str
    taken_at: str
    platform: Mapping[str, str]
    parts: tuple[Part, ...]

    def part(self, kind: str, name: str) -> Part:
        """The part of that kind and name. Raises Refused when the point does not hold it."""
        for part in self.parts:
            if (part.kind, part.name) == (kind, name):
                return part
        raise Refused(
            f"Recovery point {self.name} holds no {kind} named {name}",
            safe="Nothing was done.",
            do="Choose another recovery point, or take that data out of the configuration.",
        )

    def to_json(self) -> bytes:
        """The manifest as it lies in the vault."""
        fields = {**vars(self), "parts": [part.to_json() for part in self.parts]}
        return json.dumps({"version": VERSION, **fields}, indent=1).encode()

    @classmethod
    def from_json(cls, body: bytes) -> "RecoveryPoint":
        """Read a manifest back.

        Raises Refused for one that a newer version wrote, and for what is no manifest.
        """
        try:
            data: dict[str, Any] = json.loads(body)
            version = data.pop("version")
        except (ValueError, AttributeError, KeyError, TypeError) as error:
            raise Refused(
                f"The manifest of a recovery point is damaged: {type(error).__name__}: {error}",
                safe="Nothing was done.",
                do="Look at the manifests in the vault, below `points`: each is a whole object.",
            ) from error
        if version != VERSION:
            raise Refused(
                f"The recovery point was written by another version of liferaft (form {version})",
                safe="Nothing was done.",
                do="Use the version that wrote it.",
            )
        return cls(**{**data, "parts": tuple(Part.from_json(part) for part in data["parts"])})


def folder(epoch: int) -> str:
    """Where the manifests of one reign lie."""
    return f"epoch-{epoch:08d}/points"


def publish(vault: Vault, point: RecoveryPoint) -> None:
    """Write the manifest: from then on the point counts. Its parts must be durable before."""
    vault.put(f"{folder(point.epoch)}/{point.name}.json", point.to_json())


def history(vault: Vault, epoch: int) -> list[RecoveryPoint]:
    """All whole recovery points of a reign, oldest first. Blocks."""
    return [RecoveryPoint.from_json(vault.get(key)) for key in vault.list(folder(epoch))]


def newest(vault: Vault, epoch: int) -> RecoveryPoint:
    """The newest whole recovery point of this reign or, if it has none, of the last that has.

    Blocks. Raises NoRecoveryPoint.
    """
    for reign in range(epoch, 0, -1):
        keys = vault.list(folder(reign))
        if keys:
            return RecoveryPoint.from_json(vault.get(keys[-1]))
    raise NoRecoveryPoint(
        f"Vault {vault.name} holds no recovery point",
        safe="Nothing was done.",
        do="Take one with `liferaft snapshot` while the primary can be reached.",
    )
