"""https://docs.hetzner.cloud/reference/cloud#servers: making and deleting them."""

from __future__ import annotations

import secrets
from typing import Any

from liferaft_sandbox.clouds.hetzner.actions import Stage
from liferaft_sandbox.clouds.hetzner.catalogue import SERVER_TYPES, by_id_or_name
from liferaft_sandbox.clouds.hetzner.collection import NAME_AND_LABELS, Collection, Reply
from liferaft_sandbox.clouds.hetzner.errors import (
    ApiError,
    invalid_field,
    no_such_reference,
    unsupported,
)
from liferaft_sandbox.clouds.hetzner.images import bootable, show_image
from liferaft_sandbox.clouds.hetzner.primary_ips import location, new_primary_ip, wanted_location
from liferaft_sandbox.clouds.hetzner.schema import (
    USER_DATA_LIMIT,
    boolean,
    bytes_up_to,
    checked,
    hostname,
    id_or_name,
    integer,
    labels,
    list_of,
    object_of,
    optional,
    required,
)
from liferaft_sandbox.clouds.hetzner.server_commands import (
    NOT_OFFERED,
    ServerCommands,
    place_in,
    refuse_without_room,
)
from liferaft_sandbox.clouds.hetzner.server_view import show_server
from liferaft_sandbox.clouds.hetzner.state import PrimaryIp, Server, State, find, refuse_used_name
from liferaft_sandbox.clouds.hetzner.volumes import attachable

_ADDRESS_KINDS = ("ipv4", "ipv6")
_PUBLIC_NET = {
    "enable_ipv4": optional(boolean),
    "enable_ipv6": optional(boolean),
    "ipv4": optional(integer),
    "ipv6": optional(integer),
}
_CREATE = {
    "name": required(hostname),
    "server_type": required(id_or_name),
    "image": required(id_or_name),
    "location": optional(id_or_name),
    "datacenter": optional(id_or_name),
    "start_after_create": optional(boolean),
    "ssh_keys": optional(list_of(id_or_name)),
    "volumes": optional(list_of(integer)),
    "networks": optional(list_of(integer)),
    "firewalls": optional(list_of(object_of({"firewall": required(integer)}))),
    "user_data": optional(bytes_up_to(USER_DATA_LIMIT)),
    "labels": optional(labels),
    "automount": optional(boolean),
    "placement_group": optional(integer),
    "public_net": optional(object_of(_PUBLIC_NET)),
}
DEFAULT_LOCATION = "fsn1"


class Servers(Collection[Server]):
    singular, plural = "server", "servers"
    not_offered = NOT_OFFERED
    updates = {**NAME_AND_LABELS, "name": optional(hostname)}  # noqa: RUF012 - Schema is a Mapping

    def __init__(self, state: State) -> None:
        super().__init__(state, state.servers)
        self.commands = ServerCommands(state).all()

    def create(self, body: object) -> Reply:
        """Everything is looked up before anything is made: a refusal leaves nothing behind."""
        wanted = checked(body, _CREATE)
        refuse_used_name(self.resources, wanted["name"], "server")
        _refuse_what_the_sandbox_lacks(wanted)
        state = self.state
        server_type = _server_type(wanted["server_type"])
        where = wanted_location(wanted) or location(DEFAULT_LOCATION)
        if not any(place["id"] == where["id"] for place in server_type["locations"]):
            raise invalid_field("server_type", "unsupported location for server type")
        keys = [
            find(state.ssh_keys, key, field="ssh_keys", kind="SSH key")
            for key in wanted.get("ssh_keys", [])
        ]
        firewalls = [
            find(state.firewalls, item["firewall"], field="firewalls", kind="firewall")
            for item in wanted.get("firewalls", [])
        ]
        networks = [
            find(state.networks, number, field="networks", kind="network")
            for number in wanted.get("networks", [])
        ]
        architecture, disk = server_type["architecture"], server_type["disk"]
        image = bootable(state, wanted["image"], architecture, disk)
        volumes = [
            attachable(find(state.volumes, number, field="volumes", kind="volume"), where)
            for number in wanted.get("volumes", [])
        ]
        refuse_without_room(state, server_type, where)
        attachments = [place_in(state, network) for network in networks]
        public_net = wanted.get("public_net", {})
        kept = self._kept_addresses(public_net, where)
        server = Server(
            id=state.next_id(),
            name=wanted["name"],
            labels=wanted.get("labels", {}),
            server_type=server_type,
            disk=server_type["disk"],
            image=show_image(state, image),
            boots=image.boots,
            location=where,
            user_data=wanted.get("user_data", ""),
            authorized_keys=tuple(key.public_key for key in keys),
            attachment=attachments[0] if attachments else None,
        )
        self.resources[server.id] = server
        self._give_addresses(server, public_net, kept)
        for firewall in firewalls:
            firewall.servers.add(server.id)
        for volume in volumes:
            volume.server = server.id
        password = None if keys else secrets.token_urlsafe(15)
        return self._create(server, start=wanted.get("start_after_create", True), password=password)

    def show(self, resource: Server) -> dict[str, Any]:
        return show_server(self.state, resource)

    def delete(self, resource: Server) -> Reply:
        self.refuse_protected(resource)
        self._take_away(resource)
        return Reply(200, {"action": self.start_action("delete_server", resource).show()})

    def _take_away(self, server: Server) -> None:
        """Firewalls, volumes and reserved addresses stay, without it."""
        del self.resources[server.id]
        for firewall in self.state.firewalls.values():
            firewall.servers.discard(server.id)
        for volume in self.state.volumes_of(server):
            volume.server = None
        for address in list(self.state.primary_ips.values()):
            if address.assignee == server.id:
                address.assignee = None
                if address.auto_delete:
                    del self.state.primary_ips[address.id]

    def _create(self, server: Server, *, start: bool, password: str | None) -> Reply:
        actions, state = self.state.actions, self.state
        on_server = ("server", server.id)
        server.wanted_on = server.ever_on = start
        known = Stage(
            ready=lambda: not start or state.machine(server) is not None,
            then=lambda: self._find_room(server),
        )
        created = actions.start("create_server", on_server, stages=(known,))
        running = Stage(ready=lambda: state.machine(server) == "running")
        # What is given along is done by actions of its own, which lock the server meanwhile:
        # https://github.com/tonobo/hcloud-ruby/pull/72
        # https://github.com/hetznercloud/packer-plugin-hcloud/pull/209
        following = [
            actions.start("apply_firewall", on_server, ("firewall", firewall.id))
            for firewall in state.firewalls_of(server)
        ]
        if server.attachment is not None:
            on_network = ("network", server.attachment.network)
            following.append(actions.start("attach_to_network", on_server, on_network))
        if start:
            following.append(actions.start("start_server", on_server, stages=(running,)))
        return Reply(
            201,
            {
                "server": self.show(server),
                "action": created.show(),
                "next_actions": [action.show() for action in following],
                "root_password": password,
            },
        )

    def _find_room(self, server: Server) -> None:
        """What was accepted may turn out to have no room: then there is no server after all."""
        if self.state.standing.fails_later(server.location["name"], server.server_type["name"]):
            self._take_away(server)
            raise ApiError(412, "placement_error", "error during placement")

    def _kept_addresses(
        self, public_net: dict[str, Any], where: dict[str, Any]
    ) -> dict[str, PrimaryIp]:
        """The existing primary IPs that the server shall get, by type."""
        return {
            kind: self._unassigned(public_net[kind], kind, where)
            for kind in _ADDRESS_KINDS
            if public_net.get(kind) is not None
        }

    def _give_addresses(
        self, server: Server, public_net: dict[str, Any], kept: dict[str, PrimaryIp]
    ) -> None:
        for kind in _ADDRESS_KINDS:
            ip = kept.get(kind)
            if ip is None and public_net.get(f"enable_{kind}") is not False:
                ip = new_primary_ip(
                    self.state,
                    name=f"primary_ip-{self.state.next_id()}",
                    kind=kind,
                    location=server.location,
                    auto_delete=True,
                )
            if ip is not None:
                ip.assignee = server.id

    def _unassigned(self, number: int, kind: str, where: dict[str, Any]) -> PrimaryIp:
        field = f"public_net.{kind}"
        ip = find(self.state.primary_ips, number, field=field, kind="primary IP")
        if ip.type != kind or ip.location["id"] != where["id"]:
            raise invalid_field(field, f"must be an {kind} address in the server's location")
        if ip.assignee is not None:
            raise ApiError(422, "primary_ip_assigned", "primary IP is already assigned")
        return ip


def _server_type(key: int | str) -> dict[str, Any]:
    found = by_id_or_name(SERVER_TYPES, key)
    if found is None:
        raise no_such_reference("server_type", "server type", key)
    return found


def _refuse_what_the_sandbox_lacks(wanted: dict[str, Any]) -> None:
    if len(wanted.get("networks", [])) > 1:
        raise unsupported("a server of the sandbox has at most one private network")
    if "placement_group" in wanted:
        raise no_such_reference("placement_group", "placement group", wanted["placement_group"])
