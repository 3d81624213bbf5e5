"""Networks: their ranges, subnets and routes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hcloud import APIException
from hcloud.networks.domain import NetworkRoute, NetworkSubnet

if TYPE_CHECKING:
    from hcloud import Client
    from tests.sandbox.clouds.hetzner.conftest import Cloud

pytestmark = pytest.mark.fidelity
SUBNET = {"type": "cloud", "network_zone": "eu-central"}


def subnet(ip_range: str) -> NetworkSubnet:
    return NetworkSubnet(ip_range=ip_range, type="cloud", network_zone="eu-central")


def test_networks_grow_and_shrink(hcloud: Client) -> None:
    net = hcloud.networks.create("private", "10.0.0.0/16")
    net.add_subnet(subnet("10.0.1.0/24")).wait_until_finished()
    with pytest.raises(APIException, match="ip_range"):
        net.add_subnet(subnet("10.0.1.128/25"))
    net.add_route(NetworkRoute("0.0.0.0/0", "10.0.1.2"))
    net.reload()
    assert net.subnets is not None
    assert (net.subnets[0].ip_range, net.subnets[0].gateway) == ("10.0.1.0/24", "10.0.0.1")
    net.delete_route(NetworkRoute("0.0.0.0/0", "10.0.1.2"))
    net.delete_subnet(NetworkSubnet(ip_range="10.0.1.0/24")).wait_until_finished()
    net.change_protection(delete=True)
    with pytest.raises(APIException) as refused:
        net.delete()
    assert refused.value.code == "protected"


def test_an_older_client_may_name_no_gateway_for_a_subnet(cloud: Cloud, hcloud: Client) -> None:
    network = hcloud.networks.create("private", "10.0.0.0/16")
    subnet = {**SUBNET, "ip_range": "10.0.1.0/24"}
    path = f"/networks/{network.id}/actions/add_subnet"
    assert cloud.ask("POST", path, {**subnet, "gateway": ""}).status_code == 201


@pytest.mark.parametrize("ip_range", ["10.0.0.0/25", "10.0.0.0/255.255.0.0", "2001:db8::/64"])
def test_a_network_is_a_private_ipv4_range_of_some_size(cloud: Cloud, ip_range: str) -> None:
    answer = cloud.ask("POST", "/networks", {"name": "private", "ip_range": ip_range})
    assert "ip_range" in cloud.problems(answer)


@pytest.mark.parametrize(
    ("command", "body"),
    [
        ("add_subnet", {**SUBNET, "ip_range": "2001:db8::/64"}),
        ("add_route", {"destination": "10.9.0.0/24", "gateway": 5}),
        ("add_route", {"destination": "2001:db8::/64", "gateway": "10.0.0.2"}),
    ],
)
def test_a_network_routes_ipv4_only(
    cloud: Cloud, hcloud: Client, command: str, body: dict[str, Any]
) -> None:
    network = hcloud.networks.create("private", "10.0.0.0/16")
    answer = cloud.ask("POST", f"/networks/{network.id}/actions/{command}", body)
    assert cloud.problems(answer)


@pytest.mark.parametrize(
    ("route", "field"),
    [
        ({"destination": "10.9.0.0/24", "gateway": "11.0.0.5"}, "gateway"),
        ({"destination": "10.9.0.0/24", "gateway": "10.0.0.1"}, "gateway"),
        ({"destination": "10.8.0.0/24", "gateway": "10.0.1.5"}, "destination"),
    ],
)
def test_a_route_leads_through_the_network_and_once(
    cloud: Cloud, route: dict[str, str], field: str
) -> None:
    present = {"destination": "10.8.0.0/24", "gateway": "10.0.1.5"}
    whole = {"name": "private", "ip_range": "10.0.0.0/16", "routes": [present]}
    network = cloud.ask("POST", "/networks", whole).json()["network"]
    path = f"/networks/{network['id']}/actions/add_route"
    assert field in cloud.problems(cloud.ask("POST", path, route))


def test_a_range_grows_at_its_end_while_no_machine_is_in_it(cloud: Cloud) -> None:
    whole = {
        "name": "private",
        "ip_range": "10.0.0.0/16",
        "subnets": [{**SUBNET, "ip_range": "10.0.1.0/24"}],
    }
    network = cloud.ask("POST", "/networks", whole).json()["network"]
    path = f"/networks/{network['id']}/actions/change_ip_range"
    assert cloud.ask("POST", path, {"ip_range": "10.0.0.0/12"}).status_code == 201
    shown = cloud.ask("GET", f"/networks/{network['id']}").json()["network"]
    assert shown["ip_range"] == "10.0.0.0/12"
    for ip_range in ("10.0.0.0/16", "10.16.0.0/12", "0.0.0.0/0"):
        assert "ip_range" in cloud.problems(cloud.ask("POST", path, {"ip_range": ip_range}))
    server = {"name": "app-1", "server_type": "cx23", "image": "debian-12"}
    cloud.ask("POST", "/servers", {**server, "networks": [network["id"]]})
    refused = cloud.ask("POST", path, {"ip_range": "10.0.0.0/8"}).json()["error"]
    assert refused["code"] == "unsupported_error"
