"""https://docs.hetzner.cloud/reference/cloud#primary-ips"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.hetzner.catalogue import (
    DATACENTERS,
    LOCATIONS,
    by_id_or_name,
    datacenter_at,
)
from liferaft_sandbox.clouds.hetzner.collection import NAME_AND_LABELS, Collection, Reply
from liferaft_sandbox.clouds.hetzner.errors import ApiError, invalid_field, no_such_reference
from liferaft_sandbox.clouds.hetzner.reverse_dns import change_reverse_entry, reverse_entries
from liferaft_sandbox.clouds.hetzner.schema import (
    boolean,
    checked,
    id_or_name,
    integer,
    labels,
    one_of,
    optional,
    required,
    text,
)
from liferaft_sandbox.clouds.hetzner.state import PrimaryIp, Server, State, find, refuse_used_name

if TYPE_CHECKING:
    from liferaft_sandbox.clouds.hetzner.actions import Action

_SERVER = one_of("server")
_CREATE = {
    "name": required(text()),
    "type": required(one_of("ipv4", "ipv6")),
    "assignee_type": optional(_SERVER),
    "assignee_id": optional(integer),
    "auto_delete": optional(boolean),
    "location": optional(id_or_name),
    "datacenter": optional(id_or_name),
    "labels": optional(labels),
}


class PrimaryIps(Collection[PrimaryIp]):
    singular, plural = "primary_ip", "primary_ips"
    updates = {**NAME_AND_LABELS, "auto_delete": optional(boolean)}  # noqa: RUF012 - Schema is a Mapping

    def __init__(self, state: State) -> None:
        super().__init__(state, state.primary_ips)
        self.commands = {
            "assign": self._assign,
            "unassign": self._unassign,
            "change_dns_ptr": self._change_dns_ptr,
            "change_protection": self.change_protection,
        }

    def create(self, body: object) -> Reply:
        wanted = checked(body, _CREATE)
        refuse_used_name(self.resources, wanted["name"], "primary IP")
        server = None
        where = wanted_location(wanted)
        if "assignee_id" in wanted:
            server = self._free_server(wanted["assignee_id"], wanted["type"])
            where = server.location
        if where is None:
            raise invalid_field("location", "location or assignee_id is required")
        ip = new_primary_ip(
            self.state,
            name=wanted["name"],
            kind=wanted["type"],
            location=where,
            labels=wanted.get("labels", {}),
            auto_delete=wanted.get("auto_delete", False),
        )
        action = self._now_at(ip, server) if server else None
        shown = {"primary_ip": self.show(ip), "action": action.show() if action else None}
        return Reply(201, shown)

    def show(self, resource: PrimaryIp) -> dict[str, Any]:
        return {
            **self.common(resource),
            "ip": resource.ip,
            "type": resource.type,
            "location": resource.location,
            "datacenter": datacenter_at(resource.location),
            "assignee_id": resource.assignee,
            "assignee_type": "server",
            "auto_delete": resource.auto_delete,
            "blocked": False,
            "dns_ptr": reverse_entries(resource),
            "protection": {"delete": resource.delete_protected},
        }

    def delete(self, resource: PrimaryIp) -> Reply:
        self.refuse_protected(resource)
        if resource.assignee is not None:
            self._refuse_running(self.state.servers[resource.assignee])
        del self.resources[resource.id]
        return Reply(204, None)

    def _assign(self, ip: PrimaryIp, body: object) -> Action:
        schema = {"assignee_id": required(integer), "assignee_type": required(_SERVER)}
        wanted = checked(body, schema)
        if ip.assignee is not None:
            raise ApiError(422, "primary_ip_assigned", "primary IP is already assigned")
        server = self._free_server(wanted["assignee_id"], ip.type)
        if server.location["id"] != ip.location["id"]:
            raise invalid_field("assignee_id", "server and primary IP are in other locations")
        return self._now_at(ip, server)

    def _unassign(self, ip: PrimaryIp, body: object) -> Action:
        checked(body, {})
        if ip.assignee is None:
            raise ApiError(422, "primary_ip_not_assigned", "primary IP is not assigned")
        self._refuse_running(self.state.servers[ip.assignee])
        ip.assignee = None
        return self.start_action("unassign_primary_ip", ip)

    def _change_dns_ptr(self, ip: PrimaryIp, body: object) -> Action:
        change_reverse_entry([ip], body)
        return self.start_action("change_dns_ptr", ip)

    def _free_server(self, number: int, kind: str) -> Server:
        server = find(self.state.servers, number, field="assignee_id", kind="server")
        self._refuse_running(server)
        if kind in self.state.addresses_of(server):
            message = f"the server already has an {kind} address"
            raise ApiError(422, f"server_has_{kind}", message)
        return server

    def _refuse_running(self, server: Server) -> None:
        if server.wanted_on or self.state.machine(server) not in {None, "stopped"}:
            message = "the server is running, but needs to be powered off"
            raise ApiError(422, "server_not_stopped", message)

    def _now_at(self, ip: PrimaryIp, server: Server) -> Action:
        ip.assignee = server.id
        return self.state.actions.start(
            "assign_primary_ip", ("primary_ip", ip.id), ("server", server.id)
        )


def location(key: int | str) -> dict[str, Any]:
    """The location that a body's field names; invalid_input when there is none."""
    found = by_id_or_name(LOCATIONS, key)
    if found is None:
        raise no_such_reference("location", "location", key)
    return found


def wanted_location(wanted: dict[str, Any]) -> dict[str, Any] | None:
    """Where a body wants its resource, if it says so; older clients name a datacenter."""
    if "datacenter" not in wanted:
        return location(wanted["location"]) if "location" in wanted else None
    if "location" in wanted:
        raise invalid_field("datacenter", "only one of location and datacenter can be given")
    found = by_id_or_name(DATACENTERS, wanted["datacenter"])
    if found is None:
        raise no_such_reference("datacenter", "datacenter", wanted["datacenter"])
    place: dict[str, Any] = found["location"]
    return place


def new_primary_ip(
    state: State,
    *,
    name: str,
    kind: str,
    location: dict[str, Any],
    labels: dict[str, str] | None = None,
    auto_delete: bool,
) -> PrimaryIp:
    """A fresh address in the state. IPv6 networks are only shown: the sandbox routes IPv4."""
    number = state.next_id()
    ip = PrimaryIp(
        id=number,
        name=name,
        labels=labels or {},
        ip=state.free_address() if kind == "ipv4" else f"2001:db8:{number & 0xFFFF:x}::/64",
        type="ipv4" if kind == "ipv4" else "ipv6",
        location=location,
        auto_delete=auto_delete,
    )
    state.primary_ips[number] = ip
    return ip
