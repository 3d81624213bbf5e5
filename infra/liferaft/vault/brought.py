"""What servers of the site that reigns have said of a vault that lacks something, and that they
bring what it lacks by themselves: docs/decisions/107-a-vault-that-was-away-catches-up-by-itself.md

It lies beside the note that the vault was away, and names that note by its digest: whoever notes an
absence anew makes what was said of the last one worth nothing, whichever of the two comes later.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from liferaft.vault import layout
from liferaft.vault.contract import Damaged, KeyMissing, Vault

FRESH: Final = timedelta(hours=1)
"""Servers look every few minutes: what is older says that they look no more."""


@dataclass(frozen=True)
class BroughtSince:
    """What came of the last look at one vault.

    Attributes:
        note: the digest of the note of its absence that this is about.
        at: when it was looked (UTC, ISO 8601).
        told: what servers cannot bring, and why, for people.
        is_whole: whether it was seen to lack nothing.
    """

    vault: str
    note: str
    at: str
    told: tuple[str, ...] = ()
    is_whole: bool = False

    @classmethod
    def from_json(cls, body: bytes) -> Self:
        """Raises ValueError for what is none."""
        try:
            found = json.loads(body)
            return cls(
                *(str(found["vault"]), str(found["note"]), str(found["at"])),
                told=tuple(map(str, found["told"])),
                is_whole=found["is_whole"] is True,
            )
        except (KeyError, TypeError) as error:
            raise ValueError(str(error)) from error

    def is_fresh(self, now: datetime) -> bool:
        """Whether servers looked a short while ago."""
        try:
            return abs(now - datetime.fromisoformat(self.at)) < FRESH
        except (ValueError, TypeError):
            return False


def brought_since(vault: Vault, name: str, note: bytes) -> BroughtSince | None:
    """What one vault says that servers said since this note of another was written there."""
    try:
        found = BroughtSince.from_json(vault.get(layout.brought(name)))
    except (Damaged, KeyMissing, ValueError):
        return None
    return found if found.note == digest_of(note) else None


def digest_of(note: bytes) -> str:
    """How a note of an absence is named."""
    return hashlib.sha256(note).hexdigest()
