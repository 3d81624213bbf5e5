"""Notes that a vault was away: since when it lacks what was written, and why."""

import json
import secrets
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Final, Self

from liferaft.vault import layout
from liferaft.vault.contract import Damaged, KeyMissing, Vault

UNKNOWN: Final = "an unknown moment"


@dataclass(frozen=True)
class AwayNote:
    """What one vault lacks is everything since `since` (UTC, ISO 8601, or UNKNOWN).

    Attributes:
        vault: its name.
        why: what it answered, for people.
        nonce: tells two absences apart that began in the same second.
    """

    vault: str
    since: str
    why: str
    nonce: str = field(default_factory=lambda: secrets.token_hex(8))

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
            found[name] = AwayNote(**json.loads(vault.get(key)))
        except Damaged as damage:
            found[name] = AwayNote(name, UNKNOWN, f"its note is damaged: {damage.reason}")
        except KeyMissing:
            continue  # taken away since it was listed
    return found
