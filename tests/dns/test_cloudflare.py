"""octoDNS's own class for Cloudflare over HTTP, to a server that refuses what the API does."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from tests.dns.cloudflare import TOKEN, Cloudflare, served
from tests.dns.recipes import vendor_of

from liferaft.config.dns_vendors import of_dns
from liferaft.config.models import DnsConfig
from liferaft.config.models import DnsVendorConfig as VendorConfig
from liferaft.dns import switch
from liferaft.dns.failures import DnsChangeRefused, DnsVendorFailed, ZoneNotShown
from liferaft.dns.records import Leaving, OwnRecords
from liferaft.dns.switch import ZoneOutcome
from liferaft.dns.vendors import DnsVendor

pytest.importorskip("octodns_cloudflare", reason="an older environment: run `make setup`")
CLASS = "octodns_cloudflare.CloudflareProvider"
APP, OLD, NEW = "app.example.test", "198.51.100.7", "192.0.2.9"
WANTED = OwnRecords("example.test", APP, (NEW,), 60)
PATIENCE = 30.0


@pytest.fixture
def cloudflare() -> Iterator[Cloudflare]:
    with served(Cloudflare("example.test")) as one:
        one.add("MX", "example.test", "mail.example.test", priority=10)
        one.add("TXT", "example.test", '"v=spf1 mx -all; x"', comment="mail", ttl=1)
        one.add("A", "shop.example.test", "203.0.113.9", proxied=True, tags=["team:shop"])
        yield one


def vendor(cloudflare: Cloudflare, **options: Any) -> DnsVendor:
    given = {"token": TOKEN, "api_url": cloudflare.url, **options}
    return DnsVendor("cf", CLASS, given)


async def moved(one: DnsVendor, wanted: OwnRecords = WANTED) -> ZoneOutcome:
    (said,) = await switch.plan([one], wanted, deadline=PATIENCE)
    (done,) = await switch.apply([one], wanted, deadline=PATIENCE)
    assert done == said or done.failure
    return done


def others(cloudflare: Cloudflare) -> dict[str, Any]:
    return copy.deepcopy({k: row for k, row in cloudflare.rows.items() if row["name"] != APP})


async def test_a_proxied_record_stays_proxied_with_the_ttl_of_cloudflares_choice(
    cloudflare: Cloudflare,
) -> None:
    row = cloudflare.add("A", APP, OLD, proxied=True, comment="the shop", tags=["team:web"])
    before = others(cloudflare)
    outcome = await moved(vendor(cloudflare))
    assert outcome.failure is None
    told = (
        f"Point {APP} to {NEW} (TTL of the vendor's choice) instead of {OLD} (TTL of the vendor's "
        "choice), keeping cloudflare auto-ttl, cloudflare comment, cloudflare proxied, "
        "cloudflare tags"
    )
    assert outcome.changes == (told,)
    after = cloudflare.rows[row["id"]]
    assert after == {**row, "content": NEW}
    assert others(cloudflare) == before
    assert await switch.holds([vendor(cloudflare)], WANTED, deadline=PATIENCE)


async def test_a_record_that_is_not_proxied_gets_the_ttl_that_the_plan_tells(
    cloudflare: Cloudflare,
) -> None:
    row = cloudflare.add("A", APP, OLD, ttl=3600)
    outcome = await moved(vendor(cloudflare))
    assert outcome.changes == (f"Point {APP} to {NEW} (TTL 120 s) instead of {OLD} (TTL 3600 s)",)
    assert cloudflare.rows[row["id"]] == {**row, "content": NEW, "ttl": 120}


async def test_a_ttl_that_only_the_vendor_chooses_is_not_taken_from_it(
    cloudflare: Cloudflare,
) -> None:
    row = cloudflare.add("A", APP, OLD, ttl=1)
    outcome = await moved(vendor(cloudflare))
    assert "TTL of the vendor's choice" in outcome.changes[0]
    assert cloudflare.rows[row["id"]] == {**row, "content": NEW}


async def test_a_record_that_is_missing_is_created_and_a_second_time_changes_nothing(
    cloudflare: Cloudflare,
) -> None:
    outcome = await moved(vendor(cloudflare))
    assert outcome.changes == (f"Create {APP}, pointing to {NEW} (TTL 120 s)",)
    written = len(cloudflare.writes)
    assert (await moved(vendor(cloudflare))).changes == ()
    assert len(cloudflare.writes) == written


async def test_a_proxied_record_is_taken_out_before_its_address_is_given_away(
    cloudflare: Cloudflare,
) -> None:
    cloudflare.add("A", APP, OLD, proxied=True)
    before = others(cloudflare)
    leaving = Leaving("example.test", APP, frozenset({OLD}))
    (done,) = await switch.apply([vendor(cloudflare)], leaving, deadline=PATIENCE)
    assert done.leaves == ((OLD, 300),)
    assert cloudflare.rows == before


async def test_the_table_of_the_page_keeps_a_ttl_of_a_minute_and_asks_for_no_page_rules(
    cloudflare: Cloudflare,
) -> None:
    row = cloudflare.add("A", APP, OLD, ttl=3600)
    outcome = await moved(vendor_of("Cloudflare", token=TOKEN, api_url=cloudflare.url))
    assert outcome.failure is None
    assert cloudflare.rows[row["id"]] == {**row, "content": NEW, "ttl": 60}
    assert not any("pagerules" in path for _, path, _ in cloudflare.asked)


async def test_of_two_proxied_addresses_one_is_left_and_it_stays_proxied(
    cloudflare: Cloudflare,
) -> None:
    cloudflare.add("A", APP, OLD, proxied=True)
    cloudflare.add("A", APP, "198.51.100.8", proxied=True)
    assert (await moved(vendor(cloudflare))).is_ok
    rows = [row for row in cloudflare.rows.values() if row["name"] == APP]
    assert [(row["content"], row["proxied"]) for row in rows] == [(NEW, True)]


async def test_a_token_that_may_only_read_moves_nothing_and_is_not_shown(
    cloudflare: Cloudflare,
) -> None:
    row = dict(cloudflare.add("A", APP, OLD, proxied=True))
    cloudflare.may_write = False
    outcome = await moved(vendor(cloudflare))
    assert isinstance(outcome.failure, DnsVendorFailed)
    assert "Authentication error" in outcome.failure.facts.details["error"]
    assert TOKEN not in str(outcome.failure.facts)
    assert cloudflare.rows[row["id"]] == row


def test_an_option_that_would_show_proxied_addresses_as_aliases_is_told_from_the_file() -> None:
    options = {"token": "env/CLOUDFLARE_TOKEN", "cdn": True}
    one = VendorConfig.model_validate({"class": CLASS, **options})
    dns = DnsConfig(zone="example.test", vendors={"cf": one})
    (found,) = of_dns(dns)
    assert found.place == ("dns", "vendors", "cf", "cdn")
    assert "no move can change" in found.reason


async def test_a_read_that_takes_several_pages_keeps_all_that_is_on_them(
    cloudflare: Cloudflare,
) -> None:
    for number in range(9):
        cloudflare.add("A", f"host-{number}.example.test", f"203.0.113.{number}", proxied=True)
    cloudflare.add("A", APP, OLD, proxied=True)
    before = others(cloudflare)
    assert (await moved(vendor(cloudflare, records_per_page=4))).is_ok
    assert others(cloudflare) == before


async def test_a_zone_is_left_with_its_only_record_and_pointed_to_again() -> None:
    """The class says of a zone without records that it is not there."""
    leaving = Leaving("example.test", APP, frozenset({OLD}))
    with served(Cloudflare("example.test")) as one:
        one.add("A", APP, OLD)
        (done,) = await switch.apply([vendor(one)], leaving, deadline=PATIENCE)
        assert done.failure is None
        assert one.rows == {}
        assert await switch.holds([vendor(one)], leaving, deadline=PATIENCE)
        assert (await moved(vendor(one))).changes == (
            f"Create {APP}, pointing to {NEW} (TTL 120 s)",
        )
        assert [row["content"] for row in one.rows.values()] == [NEW]


async def test_a_zone_that_the_token_does_not_see_is_not_left_and_not_created() -> None:
    with served(Cloudflare("another.test")) as one:
        leaving = Leaving("example.test", APP, frozenset({OLD}))
        (said,) = await switch.apply([vendor(one)], leaving, deadline=PATIENCE)
        assert isinstance(said.failure, ZoneNotShown)
        assert isinstance((await moved(vendor(one))).failure, DnsChangeRefused)
        assert one.writes == []
