"""The change by which the app's name leaves addresses that are about to be somebody else's.

Whoever is given an address to which the name still points can answer for it, and have a certificate
for it. So what cannot be seen not to point there is refused.
"""

from collections.abc import Iterator
from typing import Any

from octodns.zone import Zone

from liferaft.dns.changes import Proposal, leaves_of, propose
from liferaft.dns.failures import DnsChangeRefused, ZoneNotShown
from liferaft.dns.ours import OursOnly, kind
from liferaft.dns.records import Leaving, OwnRecords
from liferaft.dns.vendors import OctoProvider
from liferaft.dns.whole import ZoneReading, has_zone, make_whole
from liferaft.failures import Own


def propose_leaving(provider: OctoProvider, leaving: Leaving) -> Proposal:
    """What has to change so that the name does not point to these addresses. Touches nothing.

    ZoneNotShown when nothing of the zone can be read; DnsChangeRefused when another name points
    there, which is not ours to change, or when the vendor's class would leave the record as it is.
    """
    zone = _read(provider, leaving)
    ours = zone.get_type(leaving.label, "A")
    _refuse_others(zone, ours, leaving)
    there = [] if ours is None else [str(value) for value in ours.values]
    left = [address for address in there if address not in leaving.addresses]
    if left == there:
        _refuse_rules(ours, leaving)
        return Proposal((), (), None)
    if left or leaving.instead:
        addresses = tuple(left) or (str(leaving.instead),)
        wanted = OwnRecords(leaving.zone, leaving.domain, addresses, leaving.ttl)
        return propose(provider, wanted)
    return _removal(provider, leaving)


def _read(provider: OctoProvider, leaving: Leaving) -> Any:
    """The zone as the vendor has it. One that shows nothing at all says nothing: a token may not
    see the zone, and some classes take an error for an empty one."""
    zone = Zone(f"{leaving.zone}.", [])
    exists = provider.populate(zone, target=True, lenient=True)
    if (exists is False or not zone.records) and not has_zone(provider, zone.name):
        raise ZoneNotShown(
            f"The vendor shows nothing of the zone {leaving.zone}: whether {leaving.domain} "
            "points to the site there is not known.",
            safe=Own(
                f"Nothing was changed in the zone, and {_given(leaving)} is still the site's."
            ),
            do="Give its token the right to read the zone. If the zone is empty, put a record in, "
            "a TXT. If it is not delegated to this vendor any more, take the vendor out of the "
            "configuration.",
        )
    return zone


def _removal(provider: OctoProvider, leaving: Leaving) -> Proposal:
    reading = ZoneReading(provider)
    plan = provider.plan(Zone(f"{leaving.zone}.", []), [OursOnly(leaving.label)])
    changes = list(plan.changes) if plan is not None else []
    (change, *more) = changes or [None]
    is_ours = (
        change is not None
        and change.new is None
        and change.existing.name == leaving.label
        and kind(change.existing) == "A"
    )
    if more or not is_ours:
        raise DnsChangeRefused(
            f"The vendor's class would not take out the address of {leaving.domain} alone.",
            safe=Own("Nothing was changed in the zone."),
            do="Take the record out at the vendor by hand, then run the same command again.",
            details={"changes": repr(changes)},
        )
    make_whole(plan, reading)
    said = f"Take out {leaving.domain}, which points to {', '.join(change.existing.values)}"
    return Proposal((said,), (), plan, leaves_of(changes))


def _refuse_others(zone: Any, ours: Any, leaving: Leaving) -> None:
    others = sorted(
        record.fqdn.rstrip(".")
        for record in zone.records
        if kind(record) == "A"
        and record is not ours
        and not leaving.addresses.isdisjoint(_pointing_to(record))
    )
    if others:
        raise DnsChangeRefused(
            f"{', '.join(others)} in the zone {leaving.zone} also points to {_given(leaving)}: "
            "whoever is given that address could answer for it.",
            safe=Own(
                f"Nothing was changed in the zone, and {_given(leaving)} is still the site's."
            ),
            do="That record is not liferaft's: point it elsewhere or take it out at the vendor, "
            "then run the same command again.",
        )


def _refuse_rules(ours: Any, leaving: Leaving) -> None:
    if ours is not None and not leaving.addresses.isdisjoint(_pointing_to(ours)):
        raise DnsChangeRefused(
            f"Rules of {leaving.domain} in the zone {leaving.zone} lead some users to "
            f"{_given(leaving)}.",
            safe=Own(
                f"Nothing was changed in the zone, and {_given(leaving)} is still the site's."
            ),
            do="Take the address out of the rules at the vendor, then run the same command again.",
        )


def _pointing_to(record: Any) -> Iterator[str]:
    """All addresses that the record may answer with, by whatever rule."""
    yield from map(str, record.values)
    for one in (getattr(record, "geo", None) or {}).values():
        yield from map(str, one.values)
    dynamic = getattr(record, "dynamic", None)
    for pool in (dynamic.pools if dynamic else {}).values():
        yield from (str(value["value"]) for value in pool.data["values"])


def _given(leaving: Leaving) -> str:
    return ", ".join(sorted(leaving.addresses))
