"""A name leaves addresses that are about to be somebody else's, and nothing else changes."""

import copy
from typing import Any

import pytest
from tests.dns.test_sorts import EACH_SORT, NEW, OLD, PATIENCE, vendor, zone

from liferaft.dns import switch
from liferaft.dns.failures import DnsChangeRefused
from liferaft.dns.records import Leaving
from liferaft.dns.vendors import DnsVendor

GOING = Leaving("example.test", "app.example.test", frozenset({OLD}))
MOVING = Leaving("example.test", "app.example.test", frozenset({OLD}), instead=NEW)


async def left(one: DnsVendor, leaving: Leaving = GOING) -> switch.ZoneOutcome:
    (said,) = await switch.plan([one], leaving, deadline=PATIENCE)
    (done,) = await switch.apply([one], leaving, deadline=PATIENCE)
    assert done == said or done.failure
    return done


@pytest.mark.parametrize("sort", EACH_SORT)
async def test_every_sort_of_class_takes_out_the_one_record_and_leaves_all_others(
    sort: str,
) -> None:
    rows = zone()
    before = copy.deepcopy(rows)
    outcome = await left(vendor(sort, rows))
    assert outcome.changes == (f"Take out app.example.test, which points to {OLD}",)
    assert outcome.leaves == ((OLD, 300),)
    del before["app", "A"]
    assert {k: _values(v) for k, v in rows.items()} == {k: _values(v) for k, v in before.items()}
    assert await switch.holds([vendor(sort, rows)], GOING, deadline=PATIENCE)
    await switch.confirm(vendor(sort, rows), GOING, deadline=PATIENCE)


def _values(row: dict[str, Any]) -> Any:
    return row["type"], row["ttl"], row.get("values", [row.get("value")])


@pytest.mark.parametrize("sort", EACH_SORT)
async def test_where_the_application_is_elsewhere_the_name_moves_there(sort: str) -> None:
    rows = zone()
    outcome = await left(vendor(sort, rows), MOVING)
    assert outcome.leaves == ((OLD, 300),)
    assert _values(rows["app", "A"]) == ("A", 60, [NEW])


async def test_other_addresses_of_the_name_stay_and_are_enough() -> None:
    rows = zone(values=[OLD, "203.0.113.77"])
    del rows["app", "A"]["value"]
    assert (await left(vendor("ByChange", rows), MOVING)).leaves == ((OLD, 300),)
    assert _values(rows["app", "A"])[2] == ["203.0.113.77"]


@pytest.mark.parametrize("value", [NEW, "203.0.113.77"])
async def test_a_name_that_points_elsewhere_is_not_touched(value: str) -> None:
    rows = zone(value=value)
    before = copy.deepcopy(rows)
    assert await left(vendor("ByDesired", rows), MOVING) == switch.ZoneOutcome("memory")
    assert rows == before


async def test_a_name_that_the_zone_does_not_hold_has_left_already() -> None:
    rows = zone()
    del rows["app", "A"]
    assert await left(vendor("ByChange", rows)) == switch.ZoneOutcome("memory")


async def test_another_name_that_points_there_is_named_and_left_to_its_owner() -> None:
    rows = zone()
    rows["shop", "A"] = {"type": "A", "ttl": 60, "value": OLD}
    before = copy.deepcopy(rows)
    failure = (await left(vendor("ByChange", rows))).failure
    assert isinstance(failure, DnsChangeRefused)
    assert "shop.example.test in the zone example.test also points to" in failure.facts.happened
    assert f"{OLD} is still the site's" in failure.facts.safe
    assert rows == before


@pytest.mark.filterwarnings("ignore:.*geo.*:DeprecationWarning")
async def test_rules_that_lead_some_users_there_are_told() -> None:
    rows = zone(value=NEW, geo={"EU": [OLD]})
    failure = (await left(vendor("ByChange", rows))).failure
    assert isinstance(failure, DnsChangeRefused)
    assert "Rules of app.example.test" in failure.facts.happened


@pytest.mark.parametrize("told", [True, False, None])
async def test_a_vendor_that_shows_nothing_of_the_zone_is_not_believed(told: bool | None) -> None:
    empty: dict[tuple[str, str], dict[str, Any]] = {}
    failure = (await left(vendor("ByChange", empty, told=told))).failure
    assert isinstance(failure, DnsChangeRefused)
    assert "is not known" in failure.facts.happened
    assert "take the vendor out of the configuration" in failure.facts.do


async def test_a_zone_that_the_vendor_denies_is_not_believed_either() -> None:
    failure = (await left(vendor("ByChange", zone(), told=False))).failure
    assert isinstance(failure, DnsChangeRefused)
