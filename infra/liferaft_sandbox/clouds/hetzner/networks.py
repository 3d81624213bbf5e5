"""https://docs.hetzner.cloud/reference/cloud#networks"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.hetzner.collection import NAME_AND_LABELS, Collection, Reply
from liferaft_sandbox.clouds.hetzner.errors import ApiError, in_use, invalid_field, unsupported
from liferaft_sandbox.clouds.hetzner.schema import (
    boolean,
    checked,
    integer,
    ipv4_address,
    ipv4_range,
    labels,
    list_of,
    object_of,
    one_of,
    optional,
    required,
    text,
)
from liferaft_sandbox.clouds.hetzner.state import Network, State, refuse_used_name

if TYPE_CHECKING:
    from liferaft_sandbox.clouds.hetzner.actions import Action

_SUBNET = {
    "type": required(one_of("cloud", "server", "vswitch")),
    "network_zone": required(one_of("eu-central", "us-east", "us-west", "ap-southeast")),
    "ip_range": optional(ipv4_range),
    "vswitch_id": optional(integer),
    "gateway": optional(text(shortest=0)),  # read-only; older clients send it empty
}
_ROUTE = {"destination": required(ipv4_range), "gateway": required(ipv4_address)}
_CREATE = {
    "name": required(text()),
    "ip_range": required(ipv4_range),
    "subnets": optional(list_of(object_of(_SUBNET))),
    "routes": optional(list_of(object_of(_ROUTE))),
    "labels": optional(labels),
    "expose_routes_to_vswitch": optional(boolean),
}
_PRIVATE = tuple(
    ipaddress.IPv4Network(cidr) for cidr in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
)
_SMALLEST, _SMALLEST_SUBNET = 24, 30  # prefix lengths


class Networks(Collection[Network]):
    singular, plural = "network", "networks"
    updates = {**NAME_AND_LABELS, "expose_routes_to_vswitch": optional(boolean)}  # noqa: RUF012 - Schema is a Mapping

    def __init__(self, state: State) -> None:
        super().__init__(state, state.networks)
        self.commands = {
            "add_subnet": self._add_subnet,
            "delete_subnet": self._delete_subnet,
            "add_route": self._add_route,
            "delete_route": self._delete_route,
            "change_ip_range": self._change_ip_range,
            "change_protection": self.change_protection,
        }

    def create(self, body: object) -> Reply:
        wanted = checked(body, _CREATE)
        whole = ipaddress.IPv4Network(wanted["ip_range"])
        _refuse_public(whole)
        if whole.prefixlen > _SMALLEST:
            raise invalid_field("ip_range", f"ip_range must be at least a /{_SMALLEST}")
        refuse_used_name(self.resources, wanted["name"], "network")
        subnets = wanted.pop("subnets", [])
        network = Network(id=self.state.next_id(), **wanted)
        for subnet in subnets:
            _put_subnet(network, subnet)
        self.resources[network.id] = network
        return Reply(201, {"network": self.show(network)})

    def show(self, resource: Network) -> dict[str, Any]:
        return {
            **self.common(resource),
            "ip_range": resource.ip_range,
            "subnets": resource.subnets,
            "routes": resource.routes,
            "servers": [server.id for server in self.state.members(resource)],
            "load_balancers": [],
            "protection": {"delete": resource.delete_protected},
            "expose_routes_to_vswitch": resource.expose_routes_to_vswitch,
        }

    def delete(self, resource: Network) -> Reply:
        """Hetzner would detach servers in the background; a machine here keeps its network."""
        self.refuse_protected(resource)
        if self.state.members(resource):
            raise in_use("network still has servers attached")
        del self.resources[resource.id]
        return Reply(204, None)

    def _add_subnet(self, network: Network, body: object) -> Action:
        _put_subnet(network, checked(body, _SUBNET))
        return self.start_action("add_subnet", network)

    def _delete_subnet(self, network: Network, body: object) -> Action:
        wanted = checked(body, {"ip_range": required(ipv4_range)})["ip_range"]
        subnet = next((s for s in network.subnets if s["ip_range"] == wanted), None)
        if subnet is None:
            raise invalid_field("ip_range", "subnet not found")
        inside = ipaddress.ip_network(wanted)
        for server in self.state.members(network):
            if server.attachment and ipaddress.ip_address(server.attachment.ip) in inside:
                raise in_use("subnet still has servers attached")
        network.subnets.remove(subnet)
        return self.start_action("delete_subnet", network)

    def _change_ip_range(self, network: Network, body: object) -> Action:
        """A range is extended at its end. Machines of the sandbox keep the network they have."""
        wanted = checked(body, {"ip_range": required(ipv4_range)})["ip_range"]
        before, after = ipaddress.IPv4Network(network.ip_range), ipaddress.IPv4Network(wanted)
        _refuse_public(after)
        if after.network_address != before.network_address or after.prefixlen > before.prefixlen:
            raise invalid_field("ip_range", "ip_range can only be extended")
        if any(server.ever_on for server in self.state.members(network)):
            raise unsupported("a network of the sandbox keeps its range once servers ran in it")
        network.ip_range = wanted
        return self.start_action("change_ip_range", network)

    def _add_route(self, network: Network, body: object) -> Action:
        route = checked(body, _ROUTE)
        whole = ipaddress.IPv4Network(network.ip_range)
        if ipaddress.IPv4Address(route["gateway"]) not in whole:
            raise invalid_field("gateway", "must be inside the network's ip_range")
        if route["gateway"] == network.gateway:
            raise invalid_field("gateway", "must not be the network's own gateway")
        if any(route["destination"] == other["destination"] for other in network.routes):
            raise invalid_field("destination", "route already exists")
        network.routes.append(route)
        return self.start_action("add_route", network)

    def _delete_route(self, network: Network, body: object) -> Action:
        route = checked(body, _ROUTE)
        if route not in network.routes:
            raise invalid_field("destination", "route not found")
        network.routes.remove(route)
        return self.start_action("delete_route", network)


def _refuse_public(whole: ipaddress.IPv4Network) -> None:
    if not any(whole.subnet_of(private) for private in _PRIVATE):
        raise invalid_field("ip_range", "ip_range must be a private IPv4 range of RFC 1918")


def _put_subnet(network: Network, wanted: dict[str, Any]) -> None:
    whole = ipaddress.IPv4Network(network.ip_range)
    taken = [ipaddress.IPv4Network(subnet["ip_range"]) for subnet in network.subnets]
    chosen = _range(wanted.get("ip_range"), whole, taken)
    network.subnets.append(
        {
            "type": wanted["type"],
            "ip_range": str(chosen),
            "network_zone": wanted["network_zone"],
            "gateway": network.gateway,
            "vswitch_id": wanted.get("vswitch_id"),
        }
    )


def _range(
    asked: str | None, whole: ipaddress.IPv4Network, taken: list[ipaddress.IPv4Network]
) -> ipaddress.IPv4Network:
    if asked is None:
        candidates = whole.subnets(new_prefix=max(24, whole.prefixlen))
        free = (c for c in candidates if not any(c.overlaps(other) for other in taken))
        chosen = next(free, None)
        if chosen is None:
            raise ApiError(409, "conflict", "no free ip_range left in the network")
        return chosen
    chosen = ipaddress.IPv4Network(asked)
    if not chosen.subnet_of(whole):
        raise invalid_field("ip_range", "subnet must be inside the network's ip_range")
    if chosen.prefixlen > _SMALLEST_SUBNET:
        raise invalid_field("ip_range", f"subnet must be at least a /{_SMALLEST_SUBNET}")
    if any(chosen.overlaps(other) for other in taken):
        raise invalid_field("ip_range", "subnet overlaps with an existing subnet")
    return chosen
