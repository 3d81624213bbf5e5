"""Parts of a recovery point that is being taken: each is noted in the vault once it is complete.

They lie beside the manifests, not among them, so that half a point is never taken for a whole one
and a snapshot that was killed does not take again what it has. All of this blocks.
"""

import json
import logging

from liferaft.recovery.part import Part
from liferaft.recovery.point import RecoveryPoint
from liferaft.vault import Damaged, KeyMissing, Vault
from liferaft.vault.layout import EpochKeys

_log = logging.getLogger(__name__)


def part_noted(vault: Vault, epoch: int, point: str, *, kind: str, name: str) -> Part | None:
    """This part of the point, if it is complete. One whose note is damaged is taken again."""
    try:
        body = vault.get(EpochKeys(epoch).part(point, kind, name))
    except KeyMissing:
        return None
    except Damaged as damage:
        _log.warning("%s. That part is taken again.", damage)
        return None
    return Part.from_json(json.loads(body))


def has_part(vault: Vault, epoch: int, point: str, *, kind: str, name: str) -> bool:
    """Whether this part of the point is complete."""
    return part_noted(vault, epoch, point, kind=kind, name=name) is not None


def note_part(vault: Vault, point: str, part: Part) -> None:
    """Note that a part is complete. Durable on return."""
    key = EpochKeys(part.epoch).part(point, part.kind, part.name)
    vault.put(key, json.dumps(part.to_json()).encode())


def parts_of(vault: Vault, epoch: int, point: str) -> tuple[Part, ...]:
    """All parts of a point that are complete, by kind and name. Raises Damaged: the same snapshot,
    run again, takes that part anew."""
    keys = (key for key in vault.list(EpochKeys(epoch).parts(point)) if key.endswith(".json"))
    return tuple(Part.from_json(json.loads(vault.get(key))) for key in keys)


def point_named(vault: Vault, epoch: int, point: str) -> RecoveryPoint:
    """The manifest of that name. Raises KeyMissing or Damaged."""
    return RecoveryPoint.from_json(vault.get(EpochKeys(epoch).point(point)))
