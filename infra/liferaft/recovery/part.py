"""A part of a recovery point: what its manifest says of one data set."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self


@dataclass(frozen=True)
class Part:
    """One data set as of one moment. Holds no secret."""

    kind: str
    name: str
    epoch: int
    taken_at: str
    """UTC, ISO 8601: when the snapshot was complete."""
    size: int
    """Bytes to restore."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """JSON values: labels, counts, digests: what the kind needs to restore it."""
    vaults: tuple[str, ...] = ()
    """Names of those that have it whole. Empty in parts of versions that knew the first alone."""

    def to_json(self) -> dict[str, Any]:
        """As a manifest holds it."""
        return {**asdict(self), "facts": dict(self.facts), "vaults": list(self.vaults)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Raises TypeError for what is no part."""
        return cls(**{**value, "vaults": tuple(value.get("vaults", ()))})
