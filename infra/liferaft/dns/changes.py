"""The change of one zone at one vendor: computed by octoDNS, cut down to what is ours.

octoDNS plans whole zones: whatever the desired zone lacks, it deletes. So both sides are cut to our
records before they are compared, and a plan that still touches anything else is refused.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from octodns.record import Record
from octodns.zone import Zone

from liferaft.dns.failures import DnsChangeRefused
from liferaft.dns.records import OwnRecords
from liferaft.dns.vendors import Provider

_EXCLUDES_OURS: Final = ("ALIAS", "CNAME")
_DISTRACTS: Final = ("AAAA", "HTTPS")
"""Types that browsers ask for beside A, and believe."""


@dataclass(frozen=True)
class Proposal:
    """What one vendor's zone needs."""

    changes: tuple[str, ...]
    """Sentences; empty when the zone is as wanted."""
    warnings: tuple[str, ...]
    plan: Any
    """octoDNS's Plan, or None."""


def _kind(record: Any) -> str:
    return str(record._type)  # noqa: SLF001 - the only place where octoDNS says it


class _OursOnly:
    """An octoDNS processor: the vendor's zone as if it held nothing but our records."""

    def __init__(self, wanted: OwnRecords) -> None:
        self._wanted = wanted
        self.others: list[Any] = []
        """Records of other types at our names."""

    def process_target_zone(self, existing: Any, target: Any, lenient: bool = False) -> Any:
        del target, lenient
        ours = set(self._wanted.labels())
        cut = existing.copy()
        for record in existing.records:
            if record.name in ours and _kind(record) != "A":
                self.others.append(record)
            if record.name not in ours or _kind(record) != "A":
                cut.remove_record(record)
        return cut

    def process_source_and_target_zones(
        self, desired: Any, existing: Any, target: Any, lenient: bool = False
    ) -> tuple[Any, Any]:
        del target, lenient
        return desired, existing


def propose(provider: Provider, wanted: OwnRecords) -> Proposal:
    """What has to change so that the zone has exactly `wanted`. Touches nothing.

    DnsChangeRefused when the vendor lacks the zone, when another record shuts ours out, or when
    the provider wants to change what is not ours.
    """
    zone = Zone(f"{wanted.zone}.", [])
    for label in wanted.labels():
        data = {"type": "A", "ttl": wanted.ttl, "values": list(wanted.addresses)}
        zone.add_record(Record.new(zone, label, data))
    ours = _OursOnly(wanted)
    plan = provider.plan(zone, [ours])
    _refuse_shut_out(ours.others, wanted)
    if plan is not None:
        _refuse_too_much(plan, wanted)
    changes = tuple(_sentence(change, wanted) for change in plan.changes) if plan else ()
    return Proposal(changes, tuple(_warnings(ours.others)), plan)


def own_record(provider: Provider, wanted: OwnRecords) -> tuple[tuple[str, ...], int] | None:
    """The domain's addresses, sorted, and their TTL as the vendor has them; None without any."""
    zone = Zone(f"{wanted.zone}.", [])
    provider.populate(zone, target=True, lenient=True)
    record = zone.get_type(next(wanted.labels()), "A")
    return (tuple(sorted(record.values)), record.ttl) if record else None


def _refuse_shut_out(others: list[Any], wanted: OwnRecords) -> None:
    for record in others:
        if _kind(record) in _EXCLUDES_OURS:
            raise DnsChangeRefused(
                f"{record.fqdn.rstrip('.')} is a {_kind(record)} in the zone {wanted.zone}: "
                "no address can stand beside it.",
                safe="Nothing was changed in the zone.",
                do="Remove that record at the vendor, or leave the name out of the configuration.",
            )


def _refuse_too_much(plan: Any, wanted: OwnRecords) -> None:
    if plan.exists is False:
        raise DnsChangeRefused(
            f"The vendor does not hold the zone {wanted.zone}.",
            safe="Nothing was created.",
            do="Create the zone there with its name servers, then run the same command again.",
        )
    ours = set(wanted.labels())
    for change in plan.changes:
        record = change.record
        if record.name not in ours or _kind(record) != "A":
            raise DnsChangeRefused(
                f"The plan for {wanted.zone} would change {record.fqdn} {_kind(record)}, "
                "which is not ours.",
                safe="Nothing was changed in the zone.",
                do="Report this with the vendor's class; change the address by hand meanwhile.",
            )


def _sentence(change: Any, wanted: OwnRecords) -> str:
    name = change.record.fqdn.rstrip(".")
    to = f"{', '.join(wanted.addresses)} (TTL {wanted.ttl} s)"
    if change.existing is None:
        return f"Create {name}, pointing to {to}"
    before = f"{', '.join(change.existing.values)} (TTL {change.existing.ttl} s)"
    return f"Point {name} to {to} instead of {before}"


def _warnings(others: list[Any]) -> Iterator[str]:
    for record in sorted(others, key=lambda record: str(record.fqdn)):
        if _kind(record) in _DISTRACTS:
            yield (
                f"{record.fqdn.rstrip('.')} also has an {_kind(record)} record, which stays: "
                "browsers may follow it to the old place"
            )
