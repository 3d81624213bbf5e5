"""Where the application's name points."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from liferaft.config import Config, Credentials
from liferaft.dns import departures, switch
from liferaft.dns.departures import Departure
from liferaft.dns.records import OwnRecords
from liferaft.dns.switch import Wanted, ZoneOutcome
from liferaft.dns.vendors import DnsVendor
from liferaft.site.world import World

VENDOR_SECONDS = 20.0
CHANGE_SECONDS = 5 * VENDOR_SECONDS + 60
"""A step: whether it holds, what it will leave, the change, and up to two looks at what it made;
and the vault, in which is noted what it leaves. Each may be slow and still in time."""


def vendor_of(world: World, name: str) -> DnsVendor:
    """A vendor of the configuration, with its secrets."""
    return declared_vendor(world.site.config, world.site.credentials, name)


def declared_vendor(config: Config, credentials: Credentials, name: str) -> DnsVendor:
    """The same for whoever has no world."""
    return DnsVendor(name, config.dns.vendors[name].class_name, credentials.dns[name])


async def change_name(world: World, vendor: DnsVendor, wanted: Wanted) -> ZoneOutcome:
    """Make the vendor's records so. From where the name goes is noted in the vault before, with the
    last moment at which it may go."""
    (planned,) = await switch.plan([vendor], wanted, deadline=VENDOR_SECONDS)
    if planned.failure:
        raise planned.failure
    last = await _note(world, vendor, planned)
    (changed,) = await switch.apply([vendor], wanted, deadline=VENDOR_SECONDS)
    if departures.now() > last:  # the vault was slow: the change may have come after what it has
        await _note(world, vendor, planned)
    if changed.failure:
        raise changed.failure
    return changed


async def _note(world: World, vendor: DnsVendor, leaving: ZoneOutcome) -> datetime:
    """The moment that was noted: within the vendor's time from now."""
    last = departures.now() + timedelta(seconds=VENDOR_SECONDS)
    for address, ttl in leaving.leaves:
        leaves = Departure(address, vendor.name, last, ttl)
        await asyncio.to_thread(departures.note, world.site.vault, leaves)
    return last


@dataclass(frozen=True)
class PointName:
    """One vendor answers the domain with the reserved address of a site."""

    vendor: str
    site: str

    async def holds(self, world: World) -> bool:
        return await switch.holds(
            [vendor_of(world, self.vendor)], await self._records(world), deadline=VENDOR_SECONDS
        )

    async def apply(self, world: World) -> Mapping[str, Any]:
        wanted = await self._records(world)
        outcome = await change_name(world, vendor_of(world, self.vendor), wanted)
        return {
            "changes": list(outcome.changes),
            "warnings": list(outcome.warnings),
            "address": wanted.addresses[0],
        }

    async def prove(self, world: World) -> None:
        """Asked again, the vendor has exactly these records."""
        await switch.confirm(
            vendor_of(world, self.vendor), await self._records(world), deadline=VENDOR_SECONDS
        )

    async def _records(self, world: World) -> OwnRecords:
        outputs = await world.site.outputs()
        dns = world.site.config.dns
        return OwnRecords(dns.zone, world.site.config.app.domain, (outputs.address,), dns.ttl)
