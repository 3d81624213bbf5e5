"""The note in a vault that it was put back to a moment."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Self

from liferaft.vault import Damaged, KeyMissing, Vault, layout
from liferaft.vault.given_out import NO_EPOCH


@dataclass(frozen=True)
class PutBackNote:
    """That a vault was put back, written last: whoever comes again does not do it twice, for what
    is there by then is newer and right.

    Attributes:
        as_of: the moment, as people read it.
        above: the highest epoch that was ever given out.
        at: when it was done, UTC, ISO 8601; None while it is under way.
        by: who did it.
        overwritten, deleted, new: how many objects were so and are as they were, or hidden.
        vaults: all that were put back with it. No other one is later: what they hold by then is
            newer, and this one would have nothing of it.
    """

    as_of: str
    above: int
    overwritten: int
    deleted: int
    new: int
    by: str
    vaults: Sequence[str]
    at: str | None = None

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), sort_keys=True).encode()

    @classmethod
    def read(cls, vault: Vault, moment: datetime) -> Self | None:
        """None where there is none, or one that this command did not write."""
        try:
            note = cls(**json.loads(vault.get(key_of(moment, "done"))))
        except (KeyMissing, Damaged, TypeError, ValueError):
            return None
        is_ours = type(note.above) is int and 0 <= note.above < NO_EPOCH
        return note if is_ours and isinstance(note.vaults, list) else None


def key_of(moment: datetime, what: str) -> str:
    return layout.put_back(moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ"), what)
