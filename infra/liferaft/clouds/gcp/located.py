"""Where a zonal thing is: its id names the zone, which every call about it needs."""

from dataclasses import dataclass
from typing import Any, Protocol

from liferaft.clouds.gcp.access import last


class _Zonal(Protocol):
    """What rows of instances and disks share."""

    @property
    def name(self) -> str: ...

    @property
    def zone(self) -> str: ...


@dataclass(frozen=True)
class Located:
    zone: str
    """Empty for an id that is not ours; there is nothing of that name."""
    name: str

    @classmethod
    def of(cls, row: _Zonal) -> "Located":
        return cls(last(row.zone), row.name)

    @classmethod
    def parse(cls, ident: str) -> "Located":
        """The inverse of `str`."""
        zone, _, name = ident.rpartition("/")
        return cls(zone, name)

    def as_field(self, kind: str) -> dict[str, Any]:
        """The fields of a request about it: `instance` or `disk`, and the zone."""
        return {kind: self.name, "zone": self.zone}

    def __str__(self) -> str:
        return f"{self.zone}/{self.name}"
