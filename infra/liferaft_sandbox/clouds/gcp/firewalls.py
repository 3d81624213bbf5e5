"""https://cloud.google.com/compute/docs/reference/rest/v1/firewalls"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

from liferaft_sandbox.clouds.gcp import collection, quotas
from liferaft_sandbox.clouds.gcp.errors import invalid, required, sandbox_lacks
from liferaft_sandbox.clouds.gcp.links import link

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liferaft_sandbox.clouds.gcp.call import Call
    from liferaft_sandbox.clouds.gcp.collection import Handler
    from liferaft_sandbox.clouds.gcp.state import Resource

_PROTOCOLS = frozenset({"all", "tcp", "udp", "icmp", "esp", "ah", "ipip", "sctp"})
_PORTS = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")
_HIGHEST = 65535
EVERYWHERE = "0.0.0.0/0"
DEFAULT_PRIORITY = 1000


def insert(call: Call) -> Resource:
    path = collection.refuse_used_name(call)
    quotas.refuse_count(call.state, "FIREWALLS", "firewalls")
    return collection.insert(call, path, _whole(call, call.body))


def patch(call: Call) -> Resource:
    """Only the fields that are given change. Its network and direction never do."""
    return _change(call, {**_own(call.resource), **call.body})


def update(call: Call) -> Resource:
    return _change(call, {"network": call.resource["network"], **call.body})


def _change(call: Call, said: Resource) -> Resource:
    path, old = call.path, call.state.settled(call.path)
    if said.get("name", old["name"]) != old["name"]:
        raise invalid("resource.name", said["name"], "The name of a firewall cannot change.")
    new = _whole(call, {**said, "name": old["name"]})
    for field in ("network", "direction"):
        if new[field] != old[field]:
            raise invalid(f"resource.{field}", new[field], f"A firewall keeps its {field}.")
    own = {"kind", "id", "creationTimestamp", "name", "selfLink"}
    call.state.resources[path] = {**new, **{k: v for k, v in old.items() if k in own}}
    return call.operate(path, old["id"])


def _own(firewall: Resource) -> Resource:
    """What a client may set, of a firewall as it is."""
    return {k: v for k, v in firewall.items() if k not in {"kind", "id", "creationTimestamp"}}


def _whole(call: Call, said: Resource) -> Resource:
    """The firewall with Google's defaults; raises ApiError for one that cannot be."""
    network = said.get("network") or "global/networks/default"
    path = call.refer(network, "networks", "resource.network", "network")
    rules = [("allowed", rule) for rule in said.get("allowed", ())]
    rules += [("denied", rule) for rule in said.get("denied", ())]
    if not rules or ("allowed" in said and said["allowed"] and said.get("denied")):
        raise invalid("resource.allowed", "", "Exactly one of allowed and denied is needed.")
    whole = {
        "direction": "INGRESS",
        "priority": DEFAULT_PRIORITY,
        "disabled": False,
        "logConfig": {"enable": False},
        **{key: value for key, value in said.items() if value != []},
        "network": link(path),
    }
    for action, rule in rules:
        _check_rule(rule, f"resource.{action}")
    _check_ends(whole)
    return whole


def _check_ends(firewall: Resource) -> None:
    """Whom it is between, for its direction."""
    if not 0 <= firewall["priority"] <= _HIGHEST:
        raise invalid("resource.priority", firewall["priority"], "Must be from 0 to 65535.")
    for field in ("sourceServiceAccounts", "targetServiceAccounts"):
        if field in firewall:
            raise sandbox_lacks(f"firewalls by service account ({field})")
    inward = firewall["direction"] == "INGRESS"
    if not inward and "sourceTags" in firewall:
        raise invalid("resource.sourceTags", "", "Source tags cannot go with EGRESS.")
    ends = "sourceRanges" if inward else "destinationRanges"
    if ends not in firewall and not (inward and "sourceTags" in firewall):
        firewall[ends] = [EVERYWHERE]
    for source in (*firewall.get("sourceRanges", ()), *firewall.get("destinationRanges", ())):
        try:
            ipaddress.ip_network(source)
        except ValueError as error:
            raise invalid(f"resource.{ends}[0]", source, "Must be a valid CIDR.") from error


def _check_rule(rule: Resource, field: str) -> None:
    protocol = rule.get("IPProtocol", "").lower()
    if not protocol:
        raise required(f"{field}[0].IPProtocol")
    number = protocol.isdecimal() and int(protocol) < 256  # noqa: PLR2004 - a byte in IP's header
    if protocol not in _PROTOCOLS and not number:
        raise invalid(f"{field}[0].IPProtocol", protocol, "Must be a well-known protocol.")
    rule["IPProtocol"] = protocol
    for said in rule.get("ports", ()):
        if protocol not in {"tcp", "udp", "sctp", "6", "17", "132"}:
            raise invalid(f"{field}[0].ports[0]", said, f"Ports cannot go with {protocol}.")
        first, last = ports(said)
        if not 0 <= first <= last <= _HIGHEST:
            raise invalid(f"{field}[0].ports[0]", said, "Must be an integer or a range.")


def ports(said: str) -> tuple[int, int]:
    """First and last of "22" or "8000-9000"; (-1, -1) for what is neither."""
    match = _PORTS.fullmatch(said)
    return (int(match[1]), int(match[2] or match[1])) if match else (-1, -1)


HANDLERS: Mapping[str, Handler] = {
    "compute.firewalls.insert": insert,
    "compute.firewalls.get": collection.get,
    "compute.firewalls.list": collection.listed,
    "compute.firewalls.patch": patch,
    "compute.firewalls.update": update,
    "compute.firewalls.delete": collection.delete,
}
