"""Networks, firewall rules and addresses: what they refuse, and what the supervisor is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.sandbox.clouds.gcp.conftest import PROJECT, REGION, ZONE

from liferaft_sandbox.lab.machines import Rule

if TYPE_CHECKING:
    from tests.sandbox.clouds.gcp.conftest import Cloud, Site

pytestmark = pytest.mark.sandbox  # Google's clients take seconds to load
FIREWALLS = "global/firewalls"
ANYWHERE = ("0.0.0.0/0",)


def rules(cloud: Cloud, site: Site, *firewalls: dict[str, Any]) -> set[Rule]:
    """What reaches an instance tagged `web` in a network of these alone."""
    site.create()
    cloud.compute("DELETE", f"{FIREWALLS}/web")
    for number, said in enumerate(firewalls):
        body = {"name": f"rule-{number}", "network": "global/networks/private", **said}
        cloud.compute("POST", FIREWALLS, body)
    return set(cloud.machines.only().rules)


def tcp(*ports: str) -> list[dict[str, Any]]:
    return [{"IPProtocol": "tcp", "ports": list(ports)}]


@pytest.mark.usefixtures("site")
def test_a_network_that_is_used_stays(cloud: Cloud) -> None:
    status, reason, message = cloud.refused("DELETE", "global/networks/private")
    assert (status, reason) == (400, "resourceInUseByAnotherResource")
    assert message.startswith(f"The network resource 'projects/{PROJECT}/global/networks/private'")
    cloud.compute("DELETE", f"{FIREWALLS}/web")
    cloud.compute("DELETE", f"regions/{REGION}/subnetworks/private")
    cloud.compute("DELETE", "global/networks/private")
    assert cloud.refused("GET", "global/networks/private")[:2] == (404, "notFound")


@pytest.mark.fidelity
def test_an_automatic_network_goes_with_its_subnetworks(cloud: Cloud) -> None:
    cloud.compute("POST", "global/networks", {"name": "auto", "autoCreateSubnetworks": True})
    subnetwork = cloud.compute("GET", f"regions/{REGION}/subnetworks/auto")
    assert subnetwork["ipCidrRange"] == "10.156.0.0/20"
    assert cloud.refused("DELETE", f"regions/{REGION}/subnetworks/auto")[0] == 400
    cloud.compute("DELETE", "global/networks/auto")
    assert cloud.refused("GET", f"regions/{REGION}/subnetworks/auto")[0] == 404


@pytest.mark.usefixtures("site")
def test_subnetworks_of_a_network_do_not_overlap(cloud: Cloud) -> None:
    network = "global/networks/private"
    body = {"name": "second", "network": network, "ipCidrRange": "10.30.0.128/25"}
    assert "conflicts" in cloud.refused("POST", f"regions/{REGION}/subnetworks", body)[2]
    (private,) = cloud.machines.told().networks
    assert private.cidr == "10.30.0.0/24"


@pytest.mark.parametrize(
    ("said", "had"), [({}, 1460), ({"mtu": 1400}, 1400), ({"mtu": 8896}, 1500)]
)
def test_hosts_have_the_mtu_of_their_network_but_for_jumbo_frames(
    cloud: Cloud, said: dict[str, int], had: int
) -> None:
    body = {"name": "n", "autoCreateSubnetworks": False, **said}
    cloud.compute("POST", "global/networks", body)
    body = {"name": "s", "network": "global/networks/n", "ipCidrRange": "10.0.0.0/24"}
    cloud.compute("POST", f"regions/{REGION}/subnetworks", body)
    assert [network.mtu for network in cloud.machines.told().networks] == [had]


def test_what_is_not_settled_cannot_be_used(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("liferaft_sandbox.clouds.gcp.operations.SHORTEST", 60.0)
    base = f"compute/v1/projects/{PROJECT}"
    network = {"name": "slow", "autoCreateSubnetworks": False}
    assert cloud.ask("POST", f"{base}/global/networks", network).json()["status"] == "PENDING"
    body = {"name": "s", "network": "global/networks/slow", "ipCidrRange": "10.0.0.0/24"}
    refused = cloud.refused("POST", f"regions/{REGION}/subnetworks", body)
    assert refused[:2] == (400, "resourceNotReady")


def test_nothing_comes_in_without_a_rule(cloud: Cloud, site: Site) -> None:
    assert rules(cloud, site) == set()


def test_rules_reach_those_who_wear_their_tag(cloud: Cloud, site: Site) -> None:
    for_web = {"targetTags": ["web"], "allowed": tcp("443")}
    for_db = {"targetTags": ["db"], "allowed": tcp("5432")}
    for_all = {"sourceRanges": ["192.0.2.0/24"], "allowed": [{"IPProtocol": "icmp"}]}
    switched_off = {"disabled": True, "allowed": tcp("1")}
    outward = {"direction": "EGRESS", "allowed": tcp("2")}
    assert rules(cloud, site, for_web, for_db, for_all, switched_off, outward) == {
        Rule("tcp", 443, 443, ANYWHERE),
        Rule("icmp", 0, 65535, ("192.0.2.0/24",)),
    }


def test_a_denial_goes_before_what_has_a_higher_number(cloud: Cloud, site: Site) -> None:
    before = {"priority": 10, "allowed": tcp("22"), "sourceRanges": ["192.0.2.7/32"]}
    denial = {"priority": 20, "denied": tcp("22"), "sourceRanges": ["192.0.2.0/24"]}
    after = {"priority": 30, "allowed": tcp("20-30"), "sourceRanges": ["192.0.2.0/23"]}
    assert rules(cloud, site, after, denial, before) == {
        Rule("tcp", 22, 22, ("192.0.2.7/32",)),
        Rule("tcp", 20, 30, ("192.0.3.0/24",)),
        Rule("tcp", 20, 21, ("192.0.2.0/24",)),
        Rule("tcp", 23, 30, ("192.0.2.0/24",)),
    }


@pytest.mark.fidelity
def test_a_tag_as_source_stands_for_those_who_wear_it(cloud: Cloud, site: Site) -> None:
    from_web = {"sourceTags": ["web"], "allowed": tcp("5432")}
    assert rules(cloud, site, from_web) == {Rule("tcp", 5432, 5432, ("10.30.0.2/32",))}


@pytest.mark.fidelity
def test_a_firewalls_rules_change_in_place(cloud: Cloud, site: Site) -> None:
    site.create()
    before = cloud.compute("GET", f"{FIREWALLS}/web")
    cloud.compute("PATCH", f"{FIREWALLS}/web", {"name": "web", "allowed": tcp("443")})
    after = cloud.compute("GET", f"{FIREWALLS}/web")
    assert (after["id"], after["targetTags"]) == (before["id"], ["web"])
    assert cloud.machines.only().rules == (Rule("tcp", 443, 443, ANYWHERE),)


@pytest.mark.fidelity
@pytest.mark.parametrize(
    "said",
    [
        {},
        {"allowed": tcp("22"), "denied": tcp("23")},
        {"allowed": tcp("22-21")},
        {"allowed": [{"IPProtocol": "icmp", "ports": ["1"]}]},
        {"allowed": [{"ports": ["1"]}]},
        {"allowed": tcp("22"), "sourceRanges": ["10.0.0.1/8"]},
        {"allowed": tcp("22"), "priority": 65536},
        {"allowed": tcp("22"), "direction": "EGRESS", "sourceTags": ["web"]},
    ],
)
def test_a_rule_that_cannot_be_is_refused(cloud: Cloud, said: dict[str, Any]) -> None:
    assert cloud.refused("POST", FIREWALLS, {"name": "f", **said})[0] == 400


def test_an_address_in_use_stays_and_is_free_again_after(cloud: Cloud, site: Site) -> None:
    site.create()
    address = f"regions/{REGION}/addresses/front"
    assert cloud.refused("DELETE", address)[1] == "resourceInUseByAnotherResource"
    second = cloud.refused("POST", f"zones/{ZONE}/instances", site.instance("app-2"))
    assert second[1] == "ipInUseByAnotherResource"
    cloud.compute("DELETE", f"zones/{ZONE}/instances/app-1")
    assert cloud.compute("GET", address)["status"] == "RESERVED"
    cloud.compute("DELETE", address)


def test_a_region_has_only_so_many_addresses(cloud: Cloud) -> None:
    for number in range(23):
        cloud.compute("POST", f"regions/{REGION}/addresses", {"name": f"a-{number}"})
    refused = cloud.refused("POST", f"regions/{REGION}/addresses", {"name": "more"})
    assert refused == (
        403,
        "quotaExceeded",
        f"Quota 'STATIC_ADDRESSES' exceeded.  Limit: 23.0 in region {REGION}.",
    )


@pytest.mark.fidelity
@pytest.mark.usefixtures("site")
def test_labels_change_only_with_their_fingerprint(cloud: Cloud) -> None:
    path = f"regions/{REGION}/addresses/front"
    mark = cloud.compute("GET", path)["labelFingerprint"]
    body = {"labels": {"app": "chirp"}, "labelFingerprint": mark}
    cloud.compute("POST", f"{path}/setLabels", body)
    assert cloud.refused("POST", f"{path}/setLabels", body)[:2] == (412, "conditionNotMet")
    found = cloud.compute("GET", f"regions/{REGION}/addresses", filter="labels.app=chirp")
    assert [item["name"] for item in found["items"]] == ["front"]
