"""When the app's name left an address: noted in the vault, since no vendor tells it afterwards.

Resolvers may lead users to an address for as long as the record's TTL said, after the record is
gone. So an address may be given away only then.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from liferaft.vault import Damaged, Vault, layout


@dataclass(frozen=True)
class Departure:
    """The name left an address at one vendor, at this moment or a little earlier."""

    address: str
    vendor: str
    at: datetime
    ttl: int
    """Seconds that resolvers may keep what they were told before."""

    @property
    def until(self) -> datetime:
        """Until when users may be led there."""
        return self.at + timedelta(seconds=self.ttl)


def now() -> datetime:
    """This moment, by the operator's clock."""
    return datetime.now(UTC)


def note(vault: Vault, departure: Departure) -> None:
    """Note it before the change is made: a killed run must not have left without a note. Durable
    on return. Blocks."""
    body = json.dumps({"at": departure.at.isoformat(), "ttl": departure.ttl}).encode()
    vault.put(layout.departure(departure.address, departure.vendor), body)


def departures(vault: Vault, address: str) -> tuple[Departure, ...]:
    """The last departure from an address at each vendor. Blocks.

    Raises Damaged, with what it means for whoever is about to give the address away.
    """
    return tuple(_read(vault, key, address) for key in vault.list(layout.departures_from(address)))


def has_left(vault: Vault, address: str) -> bool:
    """Whether the name once pointed there, and was led elsewhere by us. Blocks."""
    return bool(vault.list(layout.departures_from(address)))


def _read(vault: Vault, key: str, address: str) -> Departure:
    try:
        said = json.loads(vault.get(key))
    except Damaged as damage:
        raise damage.mended_by(
            "Wait for as long as the TTL of the record says, a day at most, since the name left "
            f"{address}; then delete this object and run the command again.",
            safe=f"Until when users are led to {address} is not known, and so it was not given "
            "away.",
        ) from None
    return Departure(
        address, layout.named(key), datetime.fromisoformat(said["at"]).astimezone(UTC), said["ttl"]
    )
