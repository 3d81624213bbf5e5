"""Switching against a real PowerDNS."""

import asyncio
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from liferaft.dns import switch
from liferaft.dns.failures import DnsVendorFailed, DnsVendorSilent
from liferaft.dns.records import OwnRecords
from liferaft.dns.vendors import DnsVendor

pytestmark = pytest.mark.sandbox
NEW = "198.51.100.100"
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
    assert living.is_ok
    assert not await switch.holds(vendors[1:], wanted, deadline=PATIENCE)


async def test_a_vendor_that_hangs_is_told_at_the_deadline(hanging: DnsVendor) -> None:
    (silent,) = await switch.apply([hanging], own("alive.test", NEW), deadline=0.2)
    assert isinstance(silent.failure, DnsVendorSilent)


async def test_a_wrong_key_says_so(powerdns: Any) -> None:
    wrong = DnsVendor(
        "wrong", powerdns.vendor.class_name, {**powerdns.vendor.options, "api_key": "no"}
    )
    (outcome,) = await switch.plan([wrong], own("first.test", NEW), deadline=PATIENCE)
    assert outcome.failure is not None
    assert "unauthorized" in outcome.failure.facts.details["error"]
