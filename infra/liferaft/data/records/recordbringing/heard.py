"""What one vault says before anything is brought: how far its chains are, who is noted as away,
whether a command is under way, and whether it is being put back to a moment."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from .heads import body_of
from .notes import away, brought, covers, is_over
from .reached import RecordsVault
from .rules import AWAY, DRILLS, EPOCHS, LEASES, PUT_BACK, highest

CLOCKS_APART = timedelta(minutes=1)
"""A lease is held for so much longer: the clock of its holder may be behind this server's."""


@dataclass(frozen=True)
class HeardOf:
    """epochs, leases: the highest numbers. notes: by vault, the live notes of absences. back: the
    moments to which it is being put back."""

    epochs: int
    leases: int
    notes: Mapping[str, bytes]
    back: tuple[str, ...]

    @classmethod
    def of(cls, vault: RecordsVault) -> "HeardOf":
        vault.knock()
        epochs = highest(EPOCHS, vault.look(EPOCHS))
        leases = highest(LEASES, vault.look(LEASES))
        names = (key.rpartition("/")[2].removesuffix(".json") for key in vault.look(AWAY))
        read = {name: note_in(vault, name) for name in names}
        notes = {name: note for name, note in read.items() if note is not None}
        return cls(epochs, leases, notes, _put_back(vault))


def note_in(vault: RecordsVault, name: str) -> bytes | None:
    """The note that a vault of this name lacks something, where that holds: nothing of one that is
    over, or of which all was brought. One that is damaged holds, as an empty note."""
    stored = vault.get(away(name))
    if stored is None:
        return None
    note = body_of(away(name), stored)
    if note is None:
        return b""
    said = vault.get(brought(name))
    told = None if said is None else body_of(brought(name), said)
    is_done = is_over(note) or (told is not None and covers(told, note))
    return None if is_done else note


def is_busy(vault: RecordsVault, now: datetime) -> bool:
    """Whether a command, or a drill, may be writing: then nothing that is written anew is touched.
    A lease that cannot be read is taken for one that is held."""
    return any(_is_held(vault, chain, now) for chain in ("", f"{DRILLS}/"))


def _is_held(vault: RecordsVault, chain: str, now: datetime) -> bool:
    leases = f"{chain}{LEASES}"
    number = highest(leases, vault.look(leases))
    if not number:
        return False
    try:
        renewed = _read(vault, f"{chain}lease-renewed/{number:08}")
        if renewed is not None and renewed.get("released"):
            return False
        found = renewed or _read(vault, f"{leases}/{number:08}") or {}
        return datetime.fromisoformat(str(found["expires"])) + CLOCKS_APART > now
    except (ValueError, KeyError, TypeError, AttributeError):
        return True


def _read(vault: RecordsVault, key: str) -> dict[str, object] | None:
    """Raises ValueError for what cannot be read."""
    stored = vault.get(key)
    if stored is None:
        return None
    body = body_of(key, stored)
    if body is None:
        raise ValueError(f"{key} is damaged")
    found: dict[str, object] = json.loads(body)
    return found


def _put_back(vault: RecordsVault) -> tuple[str, ...]:
    keys = vault.look(PUT_BACK)
    begun = {key.removesuffix("/begun.json") for key in keys if key.endswith("/begun.json")}
    done = {key.removesuffix("/done.json") for key in keys if key.endswith("/done.json")}
    return tuple(sorted(begun - done))
