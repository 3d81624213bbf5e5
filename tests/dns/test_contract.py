"""One suite for what a move asks of a DNS vendor: a real PowerDNS, and the model."""

import secrets
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from tests.models.dns import ZONES, Zone

from liferaft.dns import switch
from liferaft.dns.failures import DnsChangeRefused
from liferaft.dns.records import Leaving, OwnRecords
from liferaft.dns.vendors import DnsVendor

if TYPE_CHECKING:
    from tests.dns.sorts import Rows

OLD, NEW = "192.0.2.100", "198.51.100.100"
PATIENCE = 60.0
"""Seconds for what comes to its end by itself, on a busy machine too."""
Records = list[tuple[str, str, str]]


class Held(Protocol):
    """A vendor's zones, seen past liferaft."""

    def create_zone(self, zone: str, records: Records) -> None: ...

    def has_zone(self, zone: str) -> bool: ...

    def rrsets(self, zone: str) -> dict[tuple[str, str], list[str]]:
        """By name and type, without the SOA."""
        ...

    def asked(self, zone: str) -> DnsVendor: ...


class AtPowerDns:
    """The real one."""

    def __init__(self, server: Any) -> None:
        self.create_zone, self.rrsets, self._server = server.create_zone, server.rrsets, server

    def has_zone(self, zone: str) -> bool:
        return bool(self._server.api("GET", f"/zones/{zone}.").ok)

    def asked(self, zone: str) -> DnsVendor:
        vendor: DnsVendor = self._server.vendor
        return vendor


class Modelled:
    """An account for each zone."""

    def create_zone(self, zone: str, records: Records) -> None:
        rows: Rows = {("", "NS"): {"type": "NS", "ttl": 60, "value": f"ns1.{zone}."}}
        for name, kind, content in records:
            label = name.removesuffix(zone).removesuffix(".")
            rows[label, kind] = {"type": kind, "ttl": 60, "value": _value(kind, content)}
        ZONES[zone] = Zone(rows)

    def has_zone(self, zone: str) -> bool:
        return zone in ZONES

    def rrsets(self, zone: str) -> dict[tuple[str, str], list[str]]:
        return {
            (f"{label}.{zone}".lstrip("."), kind): [str(row.get("value", row.get("values")))]
            for (label, kind), row in ZONES[zone].rows.items()
        }

    def asked(self, zone: str) -> DnsVendor:
        return DnsVendor("model", "tests.models.dns.DnsModel", {"account": zone})


def _value(kind: str, content: str) -> Any:
    if kind == "MX":
        preference, exchange = content.split()
        return {"preference": int(preference), "exchange": exchange}
    return content.strip('"').replace(";", "\\;")


@pytest.fixture(params=["model", pytest.param("powerdns", marks=pytest.mark.sandbox)])
def held(request: pytest.FixtureRequest) -> Held:
    if request.param == "powerdns":
        return AtPowerDns(request.getfixturevalue("powerdns"))
    return Modelled()


@pytest.fixture
def zone() -> str:
    """One of this test alone."""
    return f"z{secrets.token_hex(4)}.test"


def own(zone: str, address: str, domain: str | None = None) -> OwnRecords:
    return OwnRecords(zone=zone, domain=domain or zone, addresses=(address,), ttl=60)


async def test_the_first_switch_creates_the_second_has_nothing_to_change(
    held: Held, zone: str
) -> None:
    held.create_zone(zone, [])
    vendor, wanted = held.asked(zone), own(zone, OLD)
    (planned,) = await switch.plan([vendor], wanted, deadline=PATIENCE)
    assert planned.changes == (f"Create {zone}, pointing to {OLD} (TTL 60 s)",)
    assert not await switch.holds([vendor], wanted, deadline=PATIENCE)
    (applied,) = await switch.apply([vendor], wanted, deadline=PATIENCE)
    assert applied == planned
    (again,) = await switch.apply([vendor], wanted, deadline=PATIENCE)
    assert again == switch.ZoneOutcome(vendor.name)
    assert await switch.holds([vendor], wanted, deadline=PATIENCE)
    await switch.confirm(vendor, wanted, deadline=PATIENCE)


async def test_a_move_touches_nothing_but_our_addresses(held: Held, zone: str) -> None:
    held.create_zone(
        zone,
        [
            (zone, "A", OLD),
            (zone, "AAAA", "2001:db8::1"),
            (zone, "MX", f"10 mail.{zone}."),
            (zone, "TXT", '"v=spf1 -all; yes"'),
            (f"blog.{zone}", "CNAME", "blogs.example."),
            (f"mail.{zone}", "A", "203.0.113.99"),
            (f"*.dev.{zone}", "A", "203.0.113.98"),
        ],
    )
    before = held.rrsets(zone)
    (outcome,) = await switch.apply([held.asked(zone)], own(zone, NEW), deadline=PATIENCE)
    assert outcome.changes == (f"Point {zone} to {NEW} (TTL 60 s) instead of {OLD} (TTL 60 s)",)
    assert len(outcome.warnings) == 1
    assert f"{zone} also has an AAAA record" in outcome.warnings[0]
    assert held.rrsets(zone) == before | {(zone, "A"): [NEW]}


async def test_the_name_leaves_an_address_and_nothing_else_does(held: Held, zone: str) -> None:
    held.create_zone(zone, [(zone, "A", OLD), (f"mail.{zone}", "A", "203.0.113.99")])
    vendor, before = held.asked(zone), held.rrsets(zone)
    leaving = Leaving(zone, zone, frozenset({OLD}))
    assert not await switch.holds([vendor], leaving, deadline=PATIENCE)
    (outcome,) = await switch.apply([vendor], leaving, deadline=PATIENCE)
    assert outcome.changes == (f"Take out {zone}, which points to {OLD}",)
    assert outcome.leaves == ((OLD, 60),)
    del before[zone, "A"]
    assert held.rrsets(zone) == before
    await switch.confirm(vendor, leaving, deadline=PATIENCE)


async def test_a_zone_that_the_vendor_lacks_is_not_made_up(held: Held, zone: str) -> None:
    (outcome,) = await switch.apply([held.asked(zone)], own(zone, NEW), deadline=PATIENCE)
    assert isinstance(outcome.failure, DnsChangeRefused)
    assert not held.has_zone(zone)


async def test_a_name_that_is_an_alias_of_something_is_left_alone(held: Held, zone: str) -> None:
    held.create_zone(zone, [(f"www.{zone}", "CNAME", "elsewhere.example.")])
    before = held.rrsets(zone)
    wanted = own(zone, NEW, f"www.{zone}")
    (outcome,) = await switch.apply([held.asked(zone)], wanted, deadline=PATIENCE)
    assert isinstance(outcome.failure, DnsChangeRefused)
    assert f"www.{zone} is a CNAME" in outcome.failure.facts.happened
    assert held.rrsets(zone) == before
