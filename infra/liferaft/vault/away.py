"""Notes that a vault was away: since when it lacks what was written, and why."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Final, Self

from liferaft.vault import layout
from liferaft.vault.contract import Damaged, KeyMissing, Vault, VaultRefused

UNKNOWN: Final = "an unknown moment"


@dataclass(frozen=True)
class AwayNote:
    """What one vault lacks is everything since `since` (UTC, ISO 8601, or UNKNOWN).

    Attributes:
        vault: its name.
        why: what it answered, for people.
        is_over: whether it has everything again: of stores that let nothing be deleted.
    """

    vault: str
    since: str
    why: str
    is_over: bool = False

    @classmethod
    def of_now(cls, vault: str, why: str) -> Self:
        return cls(vault, datetime.now(UTC).isoformat(timespec="seconds"), why)

    @property
    def key(self) -> str:
        return layout.away(self.vault)

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), sort_keys=True).encode()


def read_notes(vault: Vault) -> dict[str, AwayNote]:
    """All notes that lie in one vault, by the names of those that they are about. One that is
    damaged still says whom it is about."""
    found = {}
    for key in vault.list(layout.AWAY):
        name = layout.named(key)
        try:
            note = AwayNote(**json.loads(vault.get(key)))
            if not note.is_over:
                found[name] = note
        except Damaged as damage:
            found[name] = AwayNote(name, UNKNOWN, f"its note is damaged: {damage.reason}")
        except KeyMissing:
            continue  # taken away since it was listed
    return found


def forget(vault: Vault, name: str) -> None:
    """Take the note about a vault of a name away from one that may hold it."""
    try:
        vault.delete(layout.away(name))
    except VaultRefused:
        over = AwayNote(name, UNKNOWN, "", is_over=True)
        vault.put(over.key, over.to_json())
