"""https://cloud.google.com/compute/docs/reference/rest/v1/networks and …/subnetworks"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from liferaft_sandbox.clouds.gcp import collection, quotas
from liferaft_sandbox.clouds.gcp.catalogue import REGIONS
from liferaft_sandbox.clouds.gcp.errors import ApiError, in_use, invalid, required, sandbox_lacks
from liferaft_sandbox.clouds.gcp.links import link, path_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liferaft_sandbox.clouds.gcp.call import Call
    from liferaft_sandbox.clouds.gcp.collection import Handler
    from liferaft_sandbox.clouds.gcp.state import Resource

MTU = 1460
"""Where nobody said another one: https://docs.cloud.google.com/vpc/docs/mtu"""
_LARGEST, _SMALLEST = 8, 29
"""Prefix lengths: https://cloud.google.com/vpc/docs/subnets#valid-ranges"""


def insert_network(call: Call) -> Resource:
    path = collection.refuse_used_name(call)
    quotas.refuse_count(call.state, "NETWORKS", "networks")
    if "IPv4Range" in call.body or "autoCreateSubnetworks" not in call.body:
        # Assumed wording; legacy networks have not been creatable for years.
        raise invalid("resource.autoCreateSubnetworks", "", "Legacy networks are not supported.")
    automatic = call.body["autoCreateSubnetworks"]
    said = {
        "mtu": MTU,
        "networkFirewallPolicyEnforcementOrder": "AFTER_CLASSIC_FIREWALL",
        **call.body,
        "routingConfig": {"routingMode": "REGIONAL", **call.body.get("routingConfig", {})},
    }
    operation = collection.insert(call, path, said)
    network = call.state.resources[path]
    network["selfLinkWithId"] = link(f"{path.rpartition('/')[0]}/{network['id']}")
    if automatic:
        add_automatic_subnetworks(call, path)
    return operation


def add_automatic_subnetworks(call: Call, network: str) -> None:
    """One in every region, named like the network."""
    name = network.rpartition("/")[2]
    for region in REGIONS.values():
        path = f"projects/{call.project}/regions/{region.name}/subnetworks/{name}"
        said = {"network": link(network), "ipCidrRange": region.auto_range}
        call.state.resources[path] = collection.new_resource(
            call, path, "Subnetwork", _subnetwork(said, region.auto_range)
        )
        _join(call.state.resources[network], path)


def insert_subnetwork(call: Call) -> Resource:
    path = collection.refuse_used_name(call)
    quotas.refuse_count(call.state, "SUBNETWORKS", "subnetworks")
    for field in ("network", "ipCidrRange"):
        if not call.body.get(field):
            raise required(f"resource.{field}")
    network = call.refer(call.body["network"], "networks", "resource.network", "network")
    if call.state.resources[network]["autoCreateSubnetworks"]:
        why = "Cannot create a subnetwork in an auto subnet mode network."
        raise invalid("resource.network", link(network), why)
    cidr = _range(call.body["ipCidrRange"])
    _refuse_overlap(call, network, cidr)
    said = {**call.body, "network": link(network), "ipCidrRange": str(cidr)}
    operation = collection.insert(call, path, _subnetwork(said, str(cidr)))
    _join(call.state.resources[network], path)
    return operation


def _subnetwork(said: Mapping[str, object], cidr: str) -> dict[str, object]:
    return {
        "purpose": "PRIVATE",
        "stackType": "IPV4_ONLY",
        "privateIpGoogleAccess": False,
        "privateIpv6GoogleAccess": "DISABLE_GOOGLE_ACCESS",
        **said,
        "gatewayAddress": str(ipaddress.ip_network(cidr)[1]),
    }


def _join(network: Resource, subnetwork: str) -> None:
    network.setdefault("subnetworks", []).append(link(subnetwork))


def _range(said: str) -> ipaddress.IPv4Network:
    try:
        cidr = ipaddress.IPv4Network(said)
    except ValueError as error:
        raise invalid("resource.ipCidrRange", said, f"Invalid IPCidrRange: {said}") from error
    if not _LARGEST <= cidr.prefixlen <= _SMALLEST:
        raise invalid("resource.ipCidrRange", said, "Prefix length must be between 8 and 29.")
    return cidr


def _refuse_overlap(call: Call, network: str, cidr: ipaddress.IPv4Network) -> None:
    for other in call.state.all("subnetworks"):
        same = other["network"] == link(network)
        if same and cidr.overlaps(ipaddress.IPv4Network(other["ipCidrRange"])):
            why = (
                f"Invalid IPCidrRange: {cidr} conflicts with existing subnetwork "
                f"'{other['name']}' in region '{other['region'].rpartition('/')[2]}'."
            )
            raise invalid("resource.ipCidrRange", cidr, why)


def patch_network(call: Call) -> Resource:
    """Of what can change, the routing mode and the words. The MTU is that of a subnetwork's
    hosts if it was there before the first of them.
    """
    network = call.state.settled(call.path)
    for field in call.body.keys() - {"name", "description", "mtu", "routingConfig"}:
        if call.body[field] != network.get(field):
            raise sandbox_lacks(f"{field} in {call.method.id}")
    routing = {**network["routingConfig"], **call.body.get("routingConfig", {})}
    network |= {**call.body, "name": network["name"], "routingConfig": routing}
    return call.operate(call.path, network["id"])


def set_private_google_access(call: Call) -> Resource:
    """Kept and shown; there is no Google inside the sandbox's networks."""
    subnetwork = call.state.settled(call.path)
    subnetwork["privateIpGoogleAccess"] = call.body.get("privateIpGoogleAccess", False)
    return call.operate(call.path, subnetwork["id"])


def delete_network(call: Call) -> Resource:
    """An auto mode network takes its own subnetworks with it, unless something lies in them."""
    path, network = call.path, call.state.settled(call.path)
    own = [path_of(url) for url in network.get("subnetworks", ())]
    if not network["autoCreateSubnetworks"]:
        return collection.delete(call)
    kept = {sub: call.state.resources.pop(sub) for sub in own}
    user = next((u for p in (path, *own) if (u := call.state.referrer(p))), None)
    call.state.resources |= kept
    if user:
        raise in_use("network", path, user)

    def forget() -> None:
        for sub in own:
            call.state.resources.pop(sub, None)
        collection.forget(call.state, path)

    return call.operate(path, network["id"], then=forget)


def delete_subnetwork(call: Call) -> Resource:
    path, subnetwork = call.path, call.state.settled(call.path)
    network = call.state.resources[path_of(subnetwork["network"])]
    if network["autoCreateSubnetworks"]:
        why = "Cannot delete auto subnetwork from an auto subnet mode network."
        raise ApiError(400, "invalid", why)
    collection.refuse_used(call.state, path)

    def forget() -> None:
        collection.forget(call.state, path)
        network["subnetworks"].remove(link(path))

    return call.operate(path, subnetwork["id"], then=forget)


HANDLERS: Mapping[str, Handler] = {
    "compute.networks.insert": insert_network,
    "compute.networks.get": collection.get,
    "compute.networks.list": collection.listed,
    "compute.networks.patch": patch_network,
    "compute.networks.delete": delete_network,
    "compute.subnetworks.insert": insert_subnetwork,
    "compute.subnetworks.get": collection.get,
    "compute.subnetworks.list": collection.listed,
    "compute.subnetworks.aggregatedList": collection.aggregated,
    "compute.subnetworks.setPrivateIpGoogleAccess": set_private_google_access,
    "compute.subnetworks.delete": delete_subnetwork,
}
