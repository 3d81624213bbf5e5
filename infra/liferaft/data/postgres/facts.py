"""What a failover reads of the database's archives before it is planned."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from liferaft.data.kind import KindFacts


@dataclass(frozen=True)
class Timeline(KindFacts):
    """The timeline that the database of the epoch that ends is on.

    segments: about how many of them a replay has to fetch, by the names in the archive. wal_from:
    of several vaults, those that answered, from which a restore is made; empty for all there are.
    """

    timeline: int
    segments: int = 0
    wal_from: tuple[str, ...] = ()
    until: str | None = None
    """The moment as of which it comes back; None: all that there is."""

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self | None:
        if "timeline" not in told:
            return None
        wal_from = tuple(told.get("wal_from", ()))
        segments = int(told.get("segments", 0))
        return cls(int(told["timeline"]), segments, wal_from, told.get("until"))

    def to_json(self) -> dict[str, Any]:
        """Of a single vault and all that there is, as versions told it that knew no more."""
        told = super().to_json()
        del told["wal_from"], told["until"]
        told |= {"wal_from": list(self.wal_from)} if self.wal_from else {}
        return told | ({"until": self.until} if self.until else {})
