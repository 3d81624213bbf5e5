"""A release: the images that a deploy started, noted in the vault so that a failover starts them.

A recovery point names images, too, but those of its moment: what was deployed since would be lost.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from liferaft.data.contract import Part
from liferaft.vault import KeyMissing, Vault

IMAGE = "image"


@dataclass(frozen=True)
class Release:
    """Images in the vault, and where they are called so: `the deploy of …`, `recovery point …`."""

    source: str
    images: tuple[Part, ...]

    @property
    def digests(self) -> frozenset[str]:
        """SHA-256 of the archives, in hexadecimal."""
        return frozenset(part.facts["digest"] for part in self.images)


def _key(epoch: int) -> str:
    return f"epoch-{epoch:08d}/release.json"


def note(vault: Vault, epoch: int, run: str, at: str, images: Sequence[Part]) -> None:
    """From here on a failover starts these. They are in the vault already. Durable on return.

    at: UTC, ISO 8601. Blocks.
    """
    body = {"run": run, "at": at, "images": [part.to_json() for part in images]}
    vault.put(_key(epoch), json.dumps(body, indent=1).encode())


def newest(vault: Vault, epoch: int) -> Release | None:
    """What the newest deploy of this reign or, if it had none, of the last that had, started.

    None where none was noted, as by earlier versions. Blocks.
    """
    for reign in range(epoch, 0, -1):
        try:
            said = json.loads(vault.get(_key(reign)))
        except KeyMissing:
            continue
        images = tuple(Part.from_json(part) for part in said["images"])
        return Release(f"The deploy of {said['at']}", images)
    return None


def plain(images: Sequence[Part]) -> list[Mapping[str, Any]]:
    """Images as an input of a plan, which its journal can hold."""
    return [part.to_json() for part in images]
