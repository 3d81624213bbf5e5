"""Switching against a real PowerDNS."""

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from liferaft.dns import switch
from liferaft.dns.failures import DnsChangeRefused, DnsVendorFailed, DnsVendorSilent
from liferaft.dns.records import OwnRecords
from liferaft.dns.vendors import DnsVendor

pytestmark = pytest.mark.sandbox
OLD, NEW = "192.0.2.100", "198.51.100.100"


def own(zone: str, address: str, **more: bool) -> OwnRecords:
    return OwnRecords(zone=zone, domain=zone, addresses=(address,), ttl=60, **more)


def vendor_at(port: int, name: str) -> DnsVendor:
    options = {"host": "127.0.0.1", "port": port, "api_key": "x"}
    return DnsVendor(name, "octodns_powerdns.PowerDnsProvider", options)


@pytest.fixture
def hanging() -> Iterator[DnsVendor]:
    """A vendor whose connections are taken and never answered."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield vendor_at(listener.getsockname()[1], "hanging")


async def test_the_first_switch_creates_the_second_has_nothing_to_change(powerdns: Any) -> None:
    powerdns.create_zone("first.test", [])
    wanted = own("first.test", OLD, www=True)
    (planned,) = await switch.plan([powerdns.vendor], wanted, deadline=5)
    assert planned.changes == (
        f"Create first.test, pointing to {OLD} (TTL 60 s)",
        f"Create www.first.test, pointing to {OLD} (TTL 60 s)",
    )
    assert not await switch.holds([powerdns.vendor], wanted, deadline=5)
    (applied,) = await switch.apply([powerdns.vendor], wanted, deadline=5)
    assert applied == planned
    (again,) = await switch.apply([powerdns.vendor], wanted, deadline=5)
    assert again == switch.Outcome("powerdns")
    assert await switch.holds([powerdns.vendor], wanted, deadline=5)
    assert await switch.current([powerdns.vendor], wanted, deadline=5) == (
        switch.Current("powerdns", (OLD,), 60),
    )


async def test_a_move_touches_nothing_but_our_addresses(powerdns: Any) -> None:
    powerdns.create_zone(
        "moved.test",
        [
            ("moved.test", "A", OLD),
            ("moved.test", "AAAA", "2001:db8::1"),
            ("moved.test", "MX", "10 mail.moved.test."),
            ("moved.test", "TXT", '"v=spf1 -all; yes"'),
            ("blog.moved.test", "CNAME", "blogs.example."),
            ("mail.moved.test", "A", "203.0.113.99"),
            ("*.dev.moved.test", "A", "203.0.113.98"),
        ],
    )
    before = powerdns.rrsets("moved.test")
    (outcome,) = await switch.apply([powerdns.vendor], own("moved.test", NEW), deadline=5)
    assert outcome.changes == (f"Point moved.test to {NEW} (TTL 60 s) instead of {OLD} (TTL 60 s)",)
    assert len(outcome.warnings) == 1
    assert "moved.test also has an AAAA record" in outcome.warnings[0]
    assert powerdns.rrsets("moved.test") == before | {("moved.test", "A"): [NEW]}


async def test_dead_vendors_do_not_hold_up_a_living_one(powerdns: Any, hanging: DnsVendor) -> None:
    powerdns.create_zone("alive.test", [])
    vendors = [hanging, vendor_at(1, "gone"), powerdns.vendor]
    began = time.monotonic()
    outcomes = await switch.apply(vendors, own("alive.test", NEW), deadline=1.5)
    assert time.monotonic() - began < 2.5
    silent, gone, living = outcomes
    assert isinstance(silent.failure, DnsVendorSilent)
    assert isinstance(gone.failure, DnsVendorFailed)
    assert living.ok
    assert powerdns.rrsets("alive.test")["alive.test", "A"] == [NEW]
    assert not await switch.holds(vendors[1:], own("alive.test", NEW), deadline=1.5)
    assert isinstance(
        (await switch.current(vendors[1:2], own("alive.test", NEW), deadline=5))[0].failure,
        DnsVendorFailed,
    )


async def test_a_zone_that_the_vendor_lacks_is_not_made_up(powerdns: Any) -> None:
    (outcome,) = await switch.apply([powerdns.vendor], own("absent.test", NEW), deadline=5)
    assert isinstance(outcome.failure, DnsChangeRefused)
    assert powerdns.api("GET", "/zones/absent.test.").status_code == 404


async def test_a_name_that_is_an_alias_of_something_is_left_alone(powerdns: Any) -> None:
    powerdns.create_zone("alias.test", [("www.alias.test", "CNAME", "elsewhere.example.")])
    before = powerdns.rrsets("alias.test")
    (outcome,) = await switch.apply([powerdns.vendor], own("alias.test", NEW, www=True), deadline=5)
    assert isinstance(outcome.failure, DnsChangeRefused)
    assert "www.alias.test is a CNAME" in outcome.failure.facts.happened
    assert powerdns.rrsets("alias.test") == before


async def test_a_wrong_key_says_so(powerdns: Any) -> None:
    wrong = DnsVendor(
        "wrong", powerdns.vendor.class_name, {**powerdns.vendor.options, "api_key": "no"}
    )
    (outcome,) = await switch.plan([wrong], own("first.test", NEW), deadline=5)
    assert outcome.failure is not None
    assert "unauthorized" in outcome.failure.facts.details["error"]
