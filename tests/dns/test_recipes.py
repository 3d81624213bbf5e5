"""The tables of docs/dns.md are what liferaft takes, and what the real classes are made from."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from tests.dns.recipes import RECIPES, vendor_of
from tests.dns.standins import Desec, Gandi, Hetzner, OneZone, served

from liferaft.config.dns_vendors import of_dns
from liferaft.config.models import DnsConfig, DnsVendorConfig
from liferaft.dns import switch
from liferaft.dns.failures import DnsVendorFailed
from liferaft.dns.records import Leaving, OwnRecords
from liferaft.dns.vendors import DnsVendor, connect

LEAST = {"deSEC": 3600, "Gandi": 300}


def test_six_vendors_have_a_recipe() -> None:
    assert set(RECIPES) == {"PowerDNS", "Cloudflare", "Hetzner", "deSEC", "Gandi", "Route 53"}


@pytest.mark.parametrize("title", RECIPES)
def test_a_recipe_is_taken_as_it_stands_there(title: str) -> None:
    one = DnsVendorConfig.model_validate(RECIPES[title])
    dns = DnsConfig(zone="example.test", ttl=LEAST.get(title, 60), vendors={"one": one})
    assert list(of_dns(dns)) == []


@pytest.mark.parametrize("title", RECIPES)
def test_the_real_class_is_made_from_a_recipe(title: str) -> None:
    vendor = vendor_of(title)
    provider = connect(vendor)
    assert type(provider).__name__ == vendor.class_name.rpartition(".")[2]


OLD, NEW = "198.51.100.7", "192.0.2.9"


@pytest.fixture(params=["deSEC", "Gandi", "Hetzner"])
def told(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[DnsVendor, OneZone]]:
    """A vendor of the page, and the stand-in that its class asks."""
    kind = {"deSEC": Desec, "Gandi": Gandi, "Hetzner": Hetzner}[request.param]
    zone = kind("example.test", LEAST.get(request.param, 60))
    zone.keep(("", "NS"), 3600, ["ns1.vendor.test."])
    zone.keep(("", "MX"), 3600, ["10 mail.example.test."])
    zone.keep(("app", "A"), zone.least_ttl, [OLD])
    with served(zone) as url:
        send = requests.Session.send

        def redirected(session: Any, prepared: Any, **how: Any) -> Any:
            """The classes know one host each, and take no other."""
            prepared.url = re.sub(r"^https://[^/]+(/v5)?", url, prepared.url)
            return send(session, prepared, **how)

        monkeypatch.setattr(requests.Session, "send", redirected)
        yield vendor_of(request.param), zone


async def test_a_move_changes_our_record_and_a_second_one_nothing(
    told: tuple[DnsVendor, OneZone],
) -> None:
    vendor, zone = told
    others = {key: row for key, row in zone.rows.items() if key != ("app", "A")}
    wanted = OwnRecords("example.test", "app.example.test", (NEW,), zone.least_ttl)
    (outcome,) = await switch.apply([vendor], wanted, deadline=30)
    assert outcome.failure is None
    assert zone.rows == {**others, ("app", "A"): (zone.least_ttl, [NEW])}
    assert await switch.holds([vendor], wanted, deadline=30)


async def test_the_name_leaves_an_address_there(told: tuple[DnsVendor, OneZone]) -> None:
    vendor, zone = told
    others = {key: row for key, row in zone.rows.items() if key != ("app", "A")}
    leaving = Leaving("example.test", "app.example.test", frozenset({OLD}))
    (outcome,) = await switch.apply([vendor], leaving, deadline=30)
    assert outcome.failure is None
    assert zone.rows == others


@pytest.mark.parametrize("told", LEAST, indirect=True)
async def test_a_ttl_below_the_vendors_is_refused_there_as_the_page_says(
    told: tuple[DnsVendor, OneZone],
) -> None:
    vendor, zone = told
    wanted = OwnRecords("example.test", "app.example.test", (NEW,), zone.least_ttl - 1)
    (outcome,) = await switch.apply([vendor], wanted, deadline=30)
    assert isinstance(outcome.failure, DnsVendorFailed)
    assert "a-secret" not in str(outcome.failure.facts)
