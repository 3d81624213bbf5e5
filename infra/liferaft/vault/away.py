"""Notes that a vault was away: since when it lacks what was written, and why."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Final, Self

from liferaft.vault import layout
from liferaft.vault.brought import BroughtSince, brought_since
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

    def again(self, later: "AwayNote") -> "AwayNote":
        """It failed once more: since when stays, and the note is another one than before."""
        return replace(self, why=f"{later.why.rstrip('.')} (last at {later.since})")

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), sort_keys=True).encode()


@dataclass(frozen=True)
class NotesOfAbsence:
    """What lies in one vault, by the names of the vaults that it is about.

    Attributes:
        away: notes that a vault lacks something.
        brought: what servers said of those since.
    """

    away: Mapping[str, AwayNote]
    brought: Mapping[str, BroughtSince]


def read_notes(vault: Vault) -> NotesOfAbsence:
    """All that holds: a note is over once servers have brought all that was lacking. One that is
    damaged still says whom it is about."""
    away, told = {}, {}
    for key in vault.list(layout.AWAY):
        name = layout.named(key)
        try:
            body = vault.get(key)
            note = AwayNote(**json.loads(body))
            said = None if note.is_over else brought_since(vault, name, body)
            if note.is_over or (said is not None and said.is_whole):
                continue
            away[name] = note
            if said is not None:
                told[name] = said
        except Damaged as damage:
            away[name] = AwayNote(name, UNKNOWN, f"its note is damaged: {damage.reason}")
        except KeyMissing:
            continue  # taken away since it was listed
    return NotesOfAbsence(away, told)


def forget(vault: Vault, name: str) -> None:
    """Take the note about a vault of a name away from one that may hold it."""
    try:
        vault.delete(layout.away(name))
    except VaultRefused:
        over = AwayNote(name, UNKNOWN, "", is_over=True)
        vault.put(over.key, over.to_json())
