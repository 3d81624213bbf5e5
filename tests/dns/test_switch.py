"""Switching against a real PowerDNS."""

import asyncio
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from liferaft.dns import switch
from liferaft.dns.failures import DnsChangeRefused, DnsVendorFailed, DnsVendorSilent
from liferaft.dns.records import OwnRecords
from liferaft.dns.vendors import DnsVendor

pytestmark = pytest.mark.sandbox
OLD, NEW = "192.0.2.100", "198.51.100.100"
PATIENCE = 60.0
"""Seconds for what comes to its end by itself, on a busy machine too."""


def own(zone: str, address: str, domain: str | None = None) -> OwnRecords:
    return OwnRecords(zone=zone, domain=domain or zone, addresses=(address,), ttl=60)


def vendor_at(port: int, name: str) -> DnsVendor:
    options = {"host": "127.0.0.1", "port": port, "api_key": "x"}
    return DnsVendor(name, "octodns_powerdns.PowerDnsProvider", options)


@pytest.fixture
def silence() -> Iterator[socket.socket]:
    """Takes connections and never answers; closed, it breaks them off."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener


@pytest.fixture
def hanging(silence: socket.socket) -> DnsVendor:
    return vendor_at(silence.getsockname()[1], "hanging")


async def test_the_first_switch_creates_the_second_has_nothing_to_change(powerdns: Any) -> None:
    powerdns.create_zone("first.test", [])
    wanted = own("first.test", OLD)
    (planned,) = await switch.plan([powerdns.vendor], wanted, deadline=PATIENCE)
    assert planned.changes == (f"Create first.test, pointing to {OLD} (TTL 60 s)",)
    assert not await switch.holds([powerdns.vendor], wanted, deadline=PATIENCE)
    (applied,) = await switch.apply([powerdns.vendor], wanted, deadline=PATIENCE)
    assert applied == planned
    (again,) = await switch.apply([powerdns.vendor], wanted, deadline=PATIENCE)
    assert again == switch.Outcome("powerdns")
    assert await switch.holds([powerdns.vendor], wanted, deadline=PATIENCE)


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
    (outcome,) = await switch.apply([powerdns.vendor], own("moved.test", NEW), deadline=PATIENCE)
    assert outcome.changes == (f"Point moved.test to {NEW} (TTL 60 s) instead of {OLD} (TTL 60 s)",)
    assert len(outcome.warnings) == 1
    assert "moved.test also has an AAAA record" in outcome.warnings[0]
    assert powerdns.rrsets("moved.test") == before | {("moved.test", "A"): [NEW]}


async def test_dead_vendors_do_not_hold_up_a_living_one(
    powerdns: Any, hanging: DnsVendor, silence: socket.socket
) -> None:
    powerdns.create_zone("alive.test", [])
    vendors = [hanging, vendor_at(1, "gone"), powerdns.vendor]
    wanted = own("alive.test", NEW)
    applying = asyncio.create_task(switch.apply(vendors, wanted, deadline=2 * PATIENCE))
    async with asyncio.timeout(PATIENCE):
        while ("alive.test", "A") not in powerdns.rrsets("alive.test"):  # noqa: ASYNC110  # its own
            await asyncio.sleep(0.05)
    assert not applying.done(), "one still hangs"
    assert powerdns.rrsets("alive.test")["alive.test", "A"] == [NEW]
    silence.close()
    broken_off, gone, living = await applying
    assert isinstance(broken_off.failure, DnsVendorFailed)
    assert isinstance(gone.failure, DnsVendorFailed)
    assert living.ok
    assert not await switch.holds(vendors[1:], wanted, deadline=PATIENCE)


async def test_a_vendor_that_hangs_is_told_at_the_deadline(hanging: DnsVendor) -> None:
    (silent,) = await switch.apply([hanging], own("alive.test", NEW), deadline=0.2)
    assert isinstance(silent.failure, DnsVendorSilent)


async def test_a_zone_that_the_vendor_lacks_is_not_made_up(powerdns: Any) -> None:
    (outcome,) = await switch.apply([powerdns.vendor], own("absent.test", NEW), deadline=PATIENCE)
    assert isinstance(outcome.failure, DnsChangeRefused)
    assert powerdns.api("GET", "/zones/absent.test.").status_code == 404


async def test_a_name_that_is_an_alias_of_something_is_left_alone(powerdns: Any) -> None:
    powerdns.create_zone("alias.test", [("www.alias.test", "CNAME", "elsewhere.example.")])
    before = powerdns.rrsets("alias.test")
    (outcome,) = await switch.apply(
        [powerdns.vendor], own("alias.test", NEW, "www.alias.test"), deadline=PATIENCE
    )
    assert isinstance(outcome.failure, DnsChangeRefused)
    assert "www.alias.test is a CNAME" in outcome.failure.facts.happened
    assert powerdns.rrsets("alias.test") == before


async def test_a_wrong_key_says_so(powerdns: Any) -> None:
    wrong = DnsVendor(
        "wrong", powerdns.vendor.class_name, {**powerdns.vendor.options, "api_key": "no"}
    )
    (outcome,) = await switch.plan([wrong], own("first.test", NEW), deadline=PATIENCE)
    assert outcome.failure is not None
    assert "unauthorized" in outcome.failure.facts.details["error"]
