"""The change of one zone at one vendor: computed by octoDNS, cut down to what is ours.

octoDNS plans whole zones: whatever the desired zone lacks, it deletes. So both sides are cut to our
records before they are compared, and a plan that still touches anything else is refused. What is
applied then carries the whole zone again, for classes that write zones and not changes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from octodns.record import Record
from octodns.zone import Zone

from liferaft.dns.failures import DnsChangeRefused
from liferaft.dns.ours import OursOnly, kind, rules, settings, times_itself
from liferaft.dns.records import OwnRecords
from liferaft.dns.vendors import OctoProvider
from liferaft.dns.whole import ZoneReading, make_whole
from liferaft.failures import Own

_EXCLUDES_OURS: Final = ("ALIAS", "CNAME")
_DELEGATES: Final = ("DNAME", "NS")
"""Types by which names below are looked up elsewhere."""
_DISTRACTS: Final = ("AAAA", "HTTPS")
"""Types that browsers ask for beside A, and believe."""


@dataclass(frozen=True)
class Proposal:
    """What one vendor's zone needs."""

    changes: tuple[str, ...]
    """Sentences; empty when the zone is as wanted."""
    warnings: tuple[str, ...]
    plan: Any
    """octoDNS's Plan with the whole zone in it; None when there is nothing to change."""
    leaves: tuple[tuple[str, int], ...] = ()
    """Addresses that the name points to no more, with the seconds that resolvers may keep each."""


def propose(provider: OctoProvider, wanted: OwnRecords) -> Proposal:
    """What has to change so that the zone has exactly `wanted`. Touches nothing.

    DnsChangeRefused when the vendor lacks the zone, when another record shuts ours out, or when
    the provider wants to change what is not ours.
    """
    zone = Zone(f"{wanted.zone}.", [])
    data = {"type": "A", "ttl": _ttl_there(provider, wanted), "values": list(wanted.addresses)}
    zone.add_record(Record.new(zone, wanted.label, data))
    reading = ZoneReading(provider)
    plan = provider.plan(zone, [OursOnly(wanted.label)])
    _refuse_unread(reading, wanted)
    _refuse_shut_out(reading.zone, wanted)
    changes = list(plan.changes) if plan is not None else []
    _refuse_too_much(changes, wanted)
    _refuse_too_little(changes, reading.zone, wanted)
    others = [record for record in reading.zone.records if _is_beside(record, wanted)]
    if changes:
        make_whole(plan, reading)
    return Proposal(
        tuple(_sentence(change, wanted) for change in changes),
        tuple(_warnings(others)),
        plan if changes else None,
        leaves_of(changes),
    )


def _ttl_there(provider: OctoProvider, wanted: OwnRecords) -> int:
    """Some classes raise a TTL that is too short for the vendor only as they send it."""
    least: object = getattr(provider, "min_ttl", 0)
    return max(wanted.ttl, least) if isinstance(least, int) else wanted.ttl


def _is_beside(record: Any, wanted: OwnRecords) -> bool:
    """A record of another type at our name."""
    return record.name == wanted.label and kind(record) != "A"


def leaves_of(changes: list[Any]) -> tuple[tuple[str, int], ...]:
    """Of what is changed: addresses that were there and will not be, and for how long."""
    return tuple(
        (str(address), int(change.existing.ttl))
        for change in changes
        if change.existing is not None
        for address in change.existing.values
        if change.new is None or address not in change.new.values
    )


def _refuse_unread(reading: ZoneReading, wanted: OwnRecords) -> None:
    if not reading.is_there:
        raise DnsChangeRefused(
            f"The vendor does not hold the zone {wanted.zone}, or its class cannot read it.",
            safe="Nothing was created.",
            do="Create the zone there with its name servers, then run the same command again. Some "
            "classes say this of a zone without any record: then put one in, a TXT.",
        )


def _refuse_shut_out(zone: Any, wanted: OwnRecords) -> None:
    for record in sorted(zone.records):
        if _is_beside(record, wanted) and kind(record) in _EXCLUDES_OURS:
            raise DnsChangeRefused(
                f"{record.fqdn.rstrip('.')} is a {kind(record)} in the zone {wanted.zone}: "
                "no address can stand beside it.",
                safe=Own("Nothing was changed in the zone."),
                do="Remove that record at the vendor, or leave the name out of the configuration.",
            )
        if kind(record) in _DELEGATES and _is_under(wanted.label, record):
            raise DnsChangeRefused(
                f"{record.fqdn.rstrip('.')} is a {kind(record)} in the zone {wanted.zone}: "
                "an address for the app's name would be seen by nobody.",
                safe=Own("Nothing was changed in the zone."),
                do="Name the zone that the name is looked up in, or remove that record.",
            )


def _is_under(label: str, record: Any) -> bool:
    """Whoever asks for the label is sent elsewhere by this record of DNAME or NS."""
    if kind(record) == "NS" and not record.name:
        return False
    below = f".{label}".endswith(f".{record.name}") if record.name else True
    return below and (label != record.name or kind(record) == "NS")


def _refuse_too_much(changes: list[Any], wanted: OwnRecords) -> None:
    for change in changes:
        record = change.record
        if record.name != wanted.label or kind(record) != "A" or change.new is None:
            raise DnsChangeRefused(
                f"The plan for {wanted.zone} would change {record.fqdn} {kind(record)}, "
                "which is not ours.",
                safe=Own("Nothing was changed in the zone."),
                do="Report this with the vendor's class; change the address by hand meanwhile.",
            )


def _refuse_too_little(changes: list[Any], zone: Any, wanted: OwnRecords) -> None:
    """A class may leave out what it cannot do, and octoDNS what a record's settings exclude."""
    changed = {change.record.name: change.new for change in changes}
    record = changed.get(wanted.label) or zone.get_type(wanted.label, "A")
    if record is None or sorted(record.values) != sorted(wanted.addresses):
        raise DnsChangeRefused(
            f"The vendor's class would not point {wanted.domain} to {', '.join(wanted.addresses)}.",
            safe=Own("Nothing was changed in the zone."),
            do="Look at the record at the vendor; change the address by hand meanwhile.",
            details={"record": repr(record)},
        )


def _sentence(change: Any, wanted: OwnRecords) -> str:
    name = change.record.fqdn.rstrip(".")
    to = f"{', '.join(wanted.addresses)} ({_ttl(change.new)})"
    if change.existing is None:
        return f"Create {name}, pointing to {to}"
    kept, ended = settings(change.new), rules(change.existing)
    return "".join(
        (
            f"Point {name} to {to} instead of ",
            f"{', '.join(change.existing.values)} ({_ttl(change.existing)})",
            f", keeping {', '.join(kept)}" if kept else "",
            f", ending its rules ({', '.join(ended)})" if ended else "",
        )
    )


def _ttl(record: Any) -> str:
    return "TTL of the vendor's choice" if times_itself(record) else f"TTL {record.ttl} s"


def _warnings(others: list[Any]) -> Iterator[str]:
    for record in sorted(others, key=lambda record: str(record.fqdn)):
        if kind(record) in _DISTRACTS or "/" in kind(record):
            yield (
                f"{record.fqdn.rstrip('.')} also has an {kind(record)} record, which stays: "
                "browsers may follow it to the old place"
            )
