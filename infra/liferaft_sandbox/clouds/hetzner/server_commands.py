"""What can be done to a server that exists: power, its network, its protection."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.hetzner.actions import Action, Stage
from liferaft_sandbox.clouds.hetzner.catalogue import SERVER_TYPES, by_id_or_name
from liferaft_sandbox.clouds.hetzner.collection import Reply
from liferaft_sandbox.clouds.hetzner.errors import (
    ApiError,
    invalid_field,
    locked,
    no_such_reference,
    unsupported,
)
from liferaft_sandbox.clouds.hetzner.images import show_image, take_snapshot
from liferaft_sandbox.clouds.hetzner.rebuilds import rebuild
from liferaft_sandbox.clouds.hetzner.reverse_dns import change_reverse_entry
from liferaft_sandbox.clouds.hetzner.schema import (
    boolean,
    checked,
    id_or_name,
    integer,
    ipv4_address,
    list_of,
    optional,
    required,
)
from liferaft_sandbox.clouds.hetzner.state import Attachment, Network, Server, State, find

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from liferaft_sandbox.clouds.hetzner.collection import Command

_ATTACH = {
    "network": required(integer),
    "ip": optional(ipv4_address),
    "alias_ips": optional(list_of(ipv4_address)),
}


NOT_OFFERED = frozenset(
    {
        "add_to_placement_group",
        "attach_iso",
        "change_alias_ips",
        "detach_iso",
        "disable_backup",
        "disable_rescue",
        "enable_backup",
        "enable_rescue",
        "remove_from_placement_group",
        "request_console",
        "reset_password",
    }
)


class ServerCommands:
    """The POSTs under /servers/{id}/actions. All are refused while another one is under way."""

    def __init__(self, state: State) -> None:
        self._state = state

    def all(self) -> Mapping[str, Command[Server]]:
        return {
            "poweron": self._power_on,
            "poweroff": self._off("stop_server"),
            "shutdown": self._off("shutdown_server"),
            "reboot": self._again("reboot_server"),
            "reset": self._again("reset_server"),
            "attach_to_network": self._attach,
            "detach_from_network": self._detach,
            "change_protection": self._protect,
            "change_type": self._change_type,
            "create_image": self._create_image,
            "rebuild": self._rebuild,
            "change_dns_ptr": self._change_dns_ptr,
        }

    def _power_on(self, server: Server, body: object) -> Action:
        self._free(server, body)
        server.wanted_on = server.ever_on = True
        return self._start("start_server", server, self._when("running", server))

    def _off(self, command: str) -> Callable[[Server, object], Action]:
        def switch_off(server: Server, body: object) -> Action:
            self._free(server, body)
            server.wanted_on = False
            return self._start(command, server, self._when("stopped", server))

        return switch_off

    def _again(self, command: str) -> Callable[[Server, object], Action]:
        def off_and_on(server: Server, body: object) -> Action:
            self._free(server, body)
            if not server.wanted_on:
                raise ApiError(422, "unsupported_error", "server is off")

            def switch_on() -> None:
                server.wanted_on = True

            server.wanted_on = False
            stopped = Stage(self._when("stopped", server).ready, switch_on)
            return self._start(command, server, stopped, self._when("running", server))

        return off_and_on

    def _attach(self, server: Server, body: object) -> Action:
        """Only before the first start: a machine of the sandbox keeps the network it has."""
        self._free(server)
        wanted = checked(body, _ATTACH)
        network = find(self._state.networks, wanted["network"], field="network", kind="network")
        if server.attachment and server.attachment.network == network.id:
            message = "server is already attached to the network"
            raise ApiError(409, "server_already_attached", message)
        if server.attachment or server.ever_on or wanted.get("alias_ips"):
            raise unsupported(
                "a server of the sandbox has one private network and one address in it, from "
                "before its first start"
            )
        server.attachment = place_in(self._state, network, wanted.get("ip"))
        return self._state.actions.start(
            "attach_to_network", ("server", server.id), ("network", network.id)
        )

    def _detach(self, server: Server, body: object) -> Action:
        self._free(server)
        network = checked(body, {"network": required(integer)})["network"]
        if server.attachment is None or server.attachment.network != network:
            raise invalid_field("network", "server is not attached to the network")
        if server.ever_on:
            raise unsupported("a server of the sandbox keeps its private network")
        server.attachment = None
        return self._state.actions.start(
            "detach_from_network", ("server", server.id), ("network", network)
        )

    def _change_type(self, server: Server, body: object) -> Action:
        self._free(server)
        schema = {"server_type": required(id_or_name), "upgrade_disk": required(boolean)}
        wanted = checked(body, schema)
        if server.wanted_on or self._state.machine(server) not in {"stopped", None}:
            raise ApiError(422, "server_not_stopped", "server must be stopped")
        chosen = by_id_or_name(SERVER_TYPES, wanted["server_type"])
        if chosen is None:
            raise no_such_reference("server_type", "server type", wanted["server_type"])
        here = server.location["id"]
        if (
            chosen["architecture"] != server.server_type["architecture"]
            or chosen["id"] == server.server_type["id"]
            or chosen["disk"] < server.disk
            or not any(place["id"] == here for place in chosen["locations"])
        ):
            raise ApiError(422, "invalid_server_type", "server type does not fit the server")
        refuse_without_room(self._state, chosen, server.location)

        def change() -> None:
            server.server_type = chosen
            if wanted["upgrade_disk"]:
                server.disk = chosen["disk"]

        return self._start("change_server_type", server, Stage(then=change))

    def _create_image(self, server: Server, body: object) -> Reply:
        self._free(server)
        image = take_snapshot(self._state, server, body)
        about = ("server", server.id), ("image", image.id)
        action = self._state.actions.start("create_image", *about)
        return Reply(201, {"image": show_image(self._state, image), "action": action.show()})

    def _rebuild(self, server: Server, body: object) -> Reply:
        self._free(server)
        if server.delete_protected:  # rebuilding is always protected together with deletion
            raise ApiError(403, "protected", "server is protected against rebuilding")
        return rebuild(self._state, server, body)

    def _change_dns_ptr(self, server: Server, body: object) -> Action:
        self._free(server)
        change_reverse_entry(self._state.addresses_of(server).values(), body)
        return self._start("change_dns_ptr", server)

    def _protect(self, server: Server, body: object) -> Action:
        wanted = checked(body, {"delete": optional(boolean), "rebuild": optional(boolean)})
        if wanted.get("delete") != wanted.get("rebuild"):
            raise invalid_field("rebuild", "must have the same value as delete")
        server.delete_protected = wanted.get("delete", server.delete_protected)
        return self._start("change_protection", server)

    def _free(self, server: Server, body: object = None) -> None:
        if body is not None:
            checked(body, {})
        if self._state.actions.is_busy("server", server.id):
            raise locked("server")

    def _when(self, machine: str, server: Server) -> Stage:
        """A machine that never ran is not known to the supervisor, and as good as stopped."""
        wanted = {"stopped", None} if machine == "stopped" else {machine}
        return Stage(lambda: self._state.machine(server) in wanted)

    def _start(self, command: str, server: Server, *stages: Stage) -> Action:
        return self._state.actions.start(
            command, ("server", server.id), stages=stages or (Stage(),)
        )


def refuse_without_room(
    state: State, server_type: dict[str, Any], location: dict[str, Any]
) -> None:
    """resource_unavailable where the lab says so. The code is documented, its status assumed."""
    if state.standing.lacks_room(location["name"], server_type["name"]):
        raise ApiError(412, "resource_unavailable", "error during placement")


def place_in(state: State, network: Network, asked: str | None = None) -> Attachment:
    """An address in one of the network's subnets: the asked one, or the first free."""
    subnets = [ipaddress.IPv4Network(subnet["ip_range"]) for subnet in network.subnets]
    if not subnets:
        raise ApiError(422, "no_subnet_available", "network has no subnet")
    taken = {server.attachment.ip for server in state.members(network) if server.attachment}
    taken.add(network.gateway)
    if asked is not None:
        if not any(ipaddress.ip_address(asked) in subnet for subnet in subnets):
            raise invalid_field("ip", "must be in one of the network's subnets")
        if asked in taken:
            raise ApiError(409, "ip_not_available", "the IP is not available")
        return Attachment(network.id, asked)
    for subnet in subnets:
        for host in subnet.hosts():
            if str(host) not in taken:
                return Attachment(network.id, str(host))
    raise ApiError(422, "no_subnet_available", "no free IP is left in the network")
