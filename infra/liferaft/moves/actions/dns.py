"""Where the application's name points."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from liferaft.dns import switch
from liferaft.dns.records import OwnRecords
from liferaft.dns.vendors import DnsVendor
from liferaft.site.world import World

VENDOR_SECONDS = 20.0


@dataclass(frozen=True)
class PointName:
    """One vendor answers the domain with the reserved address of a site."""

    vendor: str
    site: str

    async def holds(self, world: World) -> bool:
        return await switch.holds(
            [self._vendor(world)], await self._records(world), deadline=VENDOR_SECONDS
        )

    async def apply(self, world: World) -> Mapping[str, Any]:
        wanted = await self._records(world)
        (outcome,) = await switch.apply([self._vendor(world)], wanted, deadline=VENDOR_SECONDS)
        if outcome.failure:
            raise outcome.failure
        return {
            "changes": list(outcome.changes),
            "warnings": list(outcome.warnings),
            "address": wanted.addresses[0],
        }

    async def prove(self, world: World) -> None:
        """Asked again, the vendor has exactly these records."""
        await switch.confirm(
            self._vendor(world), await self._records(world), deadline=VENDOR_SECONDS
        )

    def _vendor(self, world: World) -> DnsVendor:
        named = world.site.config.dns.vendors[self.vendor]
        return DnsVendor(self.vendor, named.class_name, world.site.credentials.dns[self.vendor])

    async def _records(self, world: World) -> OwnRecords:
        outputs = await world.site.outputs()
        dns = world.site.config.dns
        return OwnRecords(dns.zone, world.site.config.app.domain, (outputs.address,), dns.ttl)
