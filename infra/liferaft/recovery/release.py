"""A release: the images that a deploy started, noted in the vault so that a failover starts them.

A recovery point names images, too, but those of its moment: what was deployed since would be lost.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from liferaft.recovery.part import Part
from liferaft.vault import PUT_BACK, Damaged, KeyMissing, Vault
from liferaft.vault.layout import EpochKeys

Services = Mapping[str, Mapping[str, Any]]
"""What ran, service by service, as `hosts.marks` shows it."""


@dataclass(frozen=True)
class Release:
    """Images in the vault. at: when they were started, UTC, ISO 8601. services: what was started
    from them; None where nobody noted it."""

    at: str
    images: tuple[Part, ...]
    services: Services | None = None

    @property
    def digests(self) -> frozenset[str]:
        """SHA-256 of the archives, in hexadecimal."""
        return frozenset(part.facts["digest"] for part in self.images)


def note(vault: Vault, epoch: int, run: str, release: Release) -> None:
    """From here on a failover starts these, which are in the vault already. Durable on return.
    Blocks."""
    body = {
        "run": run,
        "at": release.at,
        "images": [part.to_json() for part in release.images],
        "services": release.services,
    }
    vault.put(EpochKeys(epoch).release, json.dumps(body, indent=1).encode())


def newest(vault: Vault, epoch: int) -> Release | None:
    """What the newest deploy of this epoch or, if it had none, of the last that had, started.

    None where none was noted, as by earlier versions. Blocks. Raises Damaged.
    """
    found = (of_epoch(vault, number) for number in range(epoch, 0, -1))
    return next((one for one in found if one is not None), None)


def of_epoch(vault: Vault, epoch: int) -> Release | None:
    """What the newest deploy of this epoch alone started. Blocks. Raises Damaged."""
    try:
        said = json.loads(vault.get(EpochKeys(epoch).release))
    except KeyMissing:
        return None
    except Damaged as damage:
        raise damage.mended_by(
            f"{PUT_BACK} While the site that reigns can be reached, `liferaft deploy` of it writes "
            "this object anew.",
            safe="Which images were started last is not known, and so nothing was done.",
        ) from None
    images = tuple(Part.from_json(part) for part in said["images"])
    return Release(said["at"], images, said.get("services"))
