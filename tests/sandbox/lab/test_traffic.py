import json

from liferaft_sandbox.addresses import PLACES, VAULT_ADDRESSES
from liferaft_sandbox.lab.traffic import (
    cut_rules,
    read_counters,
    router_rules,
    routes_counted,
    uncut_rules,
)


def listing(**packets: int) -> str:
    rows = [
        {"counter": {"name": name, "packets": packets.get(name, 0), "bytes": 0}}
        for route in routes_counted()
        for name in (f"{'_'.join(route)}_packets", f"{'_'.join(route)}_new")
    ]
    return json.dumps({"nftables": [{"metainfo": {}}, *rows]})


def test_counters_are_told_apart_by_cloud_source_and_part() -> None:
    counted = read_counters(listing(operator_aws_bucket_packets=7, operator_aws_bucket_new=1))
    assert counted["aws"]["operator"]["bucket"] == {"packets": 7, "new": 1}
    assert counted["aws"]["operator"]["api"] == {"packets": 0, "new": 0}
    assert set(counted["aws"]) == {
        *("operator", "users", "neutral", "depot", "hetzner", "gcp", "colo")
    }


def test_a_vendor_without_an_api_has_no_counter_for_one() -> None:
    assert set(read_counters(listing())["colo"]["operator"]) == {"bucket", "hosts"}


def test_every_counter_that_is_read_is_declared_and_counted() -> None:
    rules = router_rules()
    for route in routes_counted():
        for kind in ("packets", "new"):
            name = f"{'_'.join(route)}_{kind}"
            assert f"counter {name} {{" in rules
            assert f"counter name {name}\n" in rules


def test_one_address_is_cut_off_and_reached_again_by_its_own_rule() -> None:
    assert cut_rules(VAULT_ADDRESSES["depot"]) == "add element ip lab cut { 198.18.50.20 }\n"
    assert uncut_rules("198.18.50.20").endswith("delete element ip lab cut { 198.18.50.20 }\n")


def test_a_cut_spares_the_address_of_the_api() -> None:
    spared = "{ 192.0.2.10, 198.18.30.10, 198.51.100.10 }"
    assert f"ip daddr @cut ip daddr != {spared} drop" in router_rules()
    assert cut_rules(PLACES["aws"].range) == "add element ip lab cut { 192.0.2.0/24 }\n"
