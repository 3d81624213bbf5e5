"""https://cloud.google.com/compute/docs/reference/rest/v1/addresses"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from liferaft_sandbox.clouds.gcp import collection, quotas
from liferaft_sandbox.clouds.gcp.errors import ApiError, in_use, invalid, sandbox_lacks
from liferaft_sandbox.clouds.gcp.links import link, path_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liferaft_sandbox.clouds.gcp.call import Call
    from liferaft_sandbox.clouds.gcp.collection import Handler
    from liferaft_sandbox.clouds.gcp.state import Resource, State


def insert(call: Call) -> Resource:
    """External ones come out of the sandbox's range; internal ones out of their subnetwork."""
    path = collection.refuse_used_name(call)
    quotas.refuse_in_region(call.state, call.arguments["region"], STATIC_ADDRESSES=1)
    if call.body.get("ipVersion", "IPV4") != "IPV4":
        raise sandbox_lacks("IPv6")
    kind = call.body.get("addressType", "EXTERNAL")
    if kind == "INTERNAL":
        own = _internal(call)
    elif "subnetwork" in call.body or "network" in call.body:
        why = "Only internal addresses have a network."
        raise invalid("resource.addressType", kind, why)
    else:
        own = {"address": _external(call), "networkTier": call.body.get("networkTier", "PREMIUM")}
    said = {**call.body, **own, "addressType": kind, "status": "RESERVED"}
    operation = collection.insert(call, path, said)
    if kind == "EXTERNAL" and (wearer := call.state.wearer(own["address"])):
        wear(call.state, own["address"], wearer)
    return operation


def wear(state: State, ip: str, instance: str | None) -> None:
    """A reserved address shows who has it; None for nobody. An ephemeral one has no record."""
    address = state.reserved(ip)
    if address is None:
        return
    address["status"] = "IN_USE" if instance else "RESERVED"
    address.pop("users", None)
    if instance:
        address["users"] = [link(instance)]


def _external(call: Call) -> str:
    """A free one, or the ephemeral one that is named and worn by an instance: promoted."""
    wanted = call.body.get("address")
    if not wanted:
        return call.state.free_address()
    if call.state.reserved(wanted) or wanted not in call.state.taken_addresses():
        why = "The specified external IP address cannot be reserved."
        raise invalid("resource.address", wanted, why)
    return str(wanted)


def _internal(call: Call) -> Resource:
    reference = call.body.get("subnetwork", "")
    path = call.refer(reference, "subnetworks", "resource.subnetwork", "subnetwork")
    subnetwork = call.state.resources[path]
    wanted = call.body.get("address")
    taken = {a["address"] for a in call.state.all("addresses") if a.get("subnetwork") == link(path)}
    taken |= {
        interface["networkIP"]
        for instance in call.state.all("instances")
        for interface in instance["networkInterfaces"]
        if interface["subnetwork"] == link(path)
    }
    address = private_address(subnetwork, taken, wanted, "resource.address")
    return {"address": address, "purpose": "GCE_ENDPOINT", "subnetwork": link(path)}


def private_address(subnetwork: Resource, taken: set[str], wanted: str | None, field: str) -> str:
    """The wanted address of the subnetwork, or the next free one.

    The first two and the last two of a range are Google's:
    https://cloud.google.com/vpc/docs/subnets#unusable-ip-addresses-in-every-subnet
    """
    cidr = ipaddress.IPv4Network(subnetwork["ipCidrRange"])
    usable = range(2, cidr.num_addresses - 2)
    if wanted is None:
        for index in usable:
            if str(cidr[index]) not in taken:
                return str(cidr[index])
        raise ApiError(
            400,
            "ipSpaceExhausted",
            f"IP space of '{path_of(subnetwork['selfLink'])}' is exhausted.",
        )
    try:
        index = int(ipaddress.IPv4Address(wanted)) - int(cidr[0])
    except ValueError as error:
        raise invalid(field, wanted, "Must be an IPv4 address.") from error
    if index not in usable:
        raise invalid(field, wanted, f"Requested internal IP is outside the range {cidr}.")
    if wanted in taken:
        said = f"IP '{wanted}' is already being used by another resource."
        raise ApiError(400, "ipInUseByAnotherResource", said)
    return wanted


def delete(call: Call) -> Resource:
    path, address = call.path, call.state.settled(call.path)
    users = address.get("users")
    if users:
        raise in_use("address", path, path_of(users[0]))
    return call.operate(path, address["id"], then=lambda: collection.forget(call.state, path))


HANDLERS: Mapping[str, Handler] = {
    "compute.addresses.insert": insert,
    "compute.addresses.get": collection.get,
    "compute.addresses.list": collection.listed,
    "compute.addresses.aggregatedList": collection.aggregated,
    "compute.addresses.delete": delete,
    "compute.addresses.setLabels": collection.set_labels,
}
