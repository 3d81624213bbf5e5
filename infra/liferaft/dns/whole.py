"""The whole zone as the vendor has it, kept beside the plan that octoDNS makes of our part.

Some classes write change by change, some write `plan.desired` whole, some `plan.existing` with the
changes. Which sort a class is, it does not say; so each is given zones that are right for all.
"""

from collections.abc import Mapping
from typing import Any

from octodns.zone import Zone

from liferaft.dns.vendors import OctoProvider


class ZoneReading:
    """What one provider reads of its zone, kept as it was read. Make it before the plan.

    octoDNS takes records out of the zone that it read before it shows it to anybody (those of the
    name servers, for one), and hands it to no processor untouched.
    """

    def __init__(self, provider: OctoProvider) -> None:
        self.zone: Any = None
        """Every record that was read; None before."""
        self.exists: bool | None = None
        """What the provider says of the zone; None when it does not say."""
        self._provider = provider
        self._populate = provider.populate
        provider.populate = self._keeping  # type: ignore[method-assign]  # there is no hook for it

    @property
    def is_there(self) -> bool:
        """The vendor holds the zone: it says so, or shows at least something of it."""
        if self.exists is None:
            return bool(self.zone.records)
        return self.exists or has_zone(self._provider, self.zone.name)

    def _keeping(self, zone: Any, *args: Any, **options: Any) -> bool | None:
        self.exists = self._populate(zone, *args, **options)
        self.zone = _same_records(zone)
        return self.exists


def has_zone(provider: OctoProvider, zone: str) -> bool:
    """The class lists the zone among those of the account. Some that do, Cloudflare's for one, say
    of a zone without records that it is not there."""
    zones: object = getattr(provider, "zones", None)
    return isinstance(zones, Mapping) and zone in zones


def make_whole(plan: Any, reading: ZoneReading) -> None:
    """Give the plan the zone as it was read, and as it shall be: ours changed, all else the same.

    What a provider would set at the zone itself (its tariff, say) is not ours either.
    """
    plan.existing = reading.zone
    plan.desired = _same_records(reading.zone)
    plan.desired.apply(plan.changes)
    plan.meta = None


def _same_records(zone: Any) -> Any:
    """A copy of its own: octoDNS's copy follows the first until it is written to."""
    same = Zone(zone.name, zone.sub_zones)
    for record in zone.records:
        same.add_record(record, lenient=True)
    return same
