"""What liferaft owns in a zone: the addresses of the app's domain, nothing else."""

import ipaddress
from dataclasses import dataclass

from liferaft.failures import BadInput


@dataclass(frozen=True)
class OwnRecords:
    """A records of the app. Other names and other types of the zone belong to somebody else."""

    zone: str
    """Without the last dot: `chirp.example`."""
    domain: str
    """The zone itself or a name in it."""
    addresses: tuple[str, ...]
    """Public IPv4 addresses, where the app or its holding page answers."""
    ttl: int
    """Seconds."""

    def __post_init__(self) -> None:
        if self.domain != self.zone and not self.domain.endswith(f".{self.zone}"):
            raise BadInput(f"The domain {self.domain} is not in the zone {self.zone}.")
        if not self.addresses:
            raise BadInput(f"There is no address to point {self.domain} to.")
        for address in self.addresses:
            try:
                ipaddress.IPv4Address(address)
            except ValueError as error:
                raise BadInput(f"{address!r} is not an IPv4 address.") from error

    @property
    def label(self) -> str:
        """The domain as octoDNS writes it: relative to the zone, empty for the zone itself."""
        return label_in(self.zone, self.domain)


@dataclass(frozen=True)
class Leaving:
    """The domain shall not point to these addresses any more: what else it points to stays.

    Attributes:
        addresses: of a site, which are about to be somebody else's.
        instead: where the domain points if nothing else is left; without one it is taken out.
        ttl: seconds, of a record that points there.
    """

    zone: str
    domain: str
    addresses: frozenset[str]
    instead: str | None = None
    ttl: int = 60

    @property
    def label(self) -> str:
        """As that of OwnRecords."""
        return label_in(self.zone, self.domain)


def label_in(zone: str, domain: str) -> str:
    """A name in a zone, relative to it; empty for the zone itself."""
    return domain.removesuffix(zone).rstrip(".")
