"""https://docs.hetzner.cloud/reference/cloud#volumes"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.hetzner.collection import Collection, Reply
from liferaft_sandbox.clouds.hetzner.desired import volume_link
from liferaft_sandbox.clouds.hetzner.errors import ApiError, in_use, invalid_field, locked
from liferaft_sandbox.clouds.hetzner.primary_ips import location
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
from liferaft_sandbox.clouds.hetzner.state import Server, State, Volume, find, refuse_used_name

if TYPE_CHECKING:
    from liferaft_sandbox.clouds.hetzner.actions import Action

SMALLEST, LARGEST = 10, 10240  # GB
MOST_AT_A_SERVER = 16
_CREATE = {
    "name": required(text(longest=64)),
    "size": required(integer),
    "location": optional(id_or_name),
    "server": optional(integer),
    "automount": optional(boolean),
    "format": optional(one_of("xfs", "ext4")),
    "labels": optional(labels),
}
_ATTACH = {"server": required(integer), "automount": optional(boolean)}


class Volumes(Collection[Volume]):
    """Disks are raw, whatever `format` and `automount` say: nobody in the sandbox formats them."""

    singular, plural = "volume", "volumes"

    def __init__(self, state: State) -> None:
        super().__init__(state, state.volumes)
        self.commands = {
            "attach": self._attach,
            "detach": self._detach,
            "resize": self._resize,
            "change_protection": self.change_protection,
        }

    def create(self, body: object) -> Reply:
        wanted = checked(body, _CREATE)
        refuse_used_name(self.resources, wanted["name"], "volume")
        if not SMALLEST <= wanted["size"] <= LARGEST:
            raise invalid_field("size", f"must be between {SMALLEST} and {LARGEST}")
        if ("server" in wanted) == ("location" in wanted):
            raise invalid_field("location", "either location or server is required")
        server = self._server(wanted["server"]) if "server" in wanted else None
        volume = Volume(
            id=self.state.next_id(),
            name=wanted["name"],
            labels=wanted.get("labels", {}),
            size=wanted["size"],
            location=server.location if server else location(wanted["location"]),
            format=wanted.get("format"),
        )
        self.resources[volume.id] = volume
        action = self.start_action("create_volume", volume)
        following = [self._now_at(volume, server)] if server else []
        return Reply(
            201,
            {
                "volume": self.show(volume),
                "action": action.show(),
                "next_actions": [one.show() for one in following],
            },
        )

    def show(self, resource: Volume) -> dict[str, Any]:
        creating = any(
            action.is_running and action.command == "create_volume"
            for action in self.state.actions.all()
            if ("volume", resource.id) in action.resources
        )
        return {
            **self.common(resource),
            "size": resource.size,
            "server": resource.server,
            "location": resource.location,
            "linux_device": f"/dev/disk/by-id/{volume_link(resource)}",
            "protection": {"delete": resource.delete_protected},
            "status": "creating" if creating else "available",
            "format": resource.format,
        }

    def delete(self, resource: Volume) -> Reply:
        """The code for an attached volume is assumed."""
        self.refuse_protected(resource)
        if resource.server is not None:
            raise in_use("volume is still attached to a server")
        self._refuse_busy(resource)
        del self.resources[resource.id]
        return Reply(204, None)

    def _attach(self, volume: Volume, body: object) -> Action:
        wanted = checked(body, _ATTACH)
        self._refuse_busy(volume)
        server = self._server(wanted["server"])
        attachable(volume, server.location)
        return self._now_at(volume, server)

    def _detach(self, volume: Volume, body: object) -> Action:
        checked(body, {})
        self._refuse_busy(volume)
        if volume.server is None:
            raise invalid_field("server", "volume is not attached to a server")
        about = ("volume", volume.id), ("server", volume.server)
        volume.server = None
        return self.state.actions.start("detach_volume", *about)

    def _resize(self, volume: Volume, body: object) -> Action:
        size = checked(body, {"size": required(integer)})["size"]
        self._refuse_busy(volume)
        if not volume.size < size <= LARGEST:
            raise invalid_field("size", "must be larger than the volume's size")
        volume.size = size
        return self.start_action("resize_volume", volume)

    def _server(self, number: int) -> Server:
        server = find(self.state.servers, number, field="server", kind="server")
        if self.state.actions.is_busy("server", server.id):
            raise locked("server")
        if len(self.state.volumes_of(server)) >= MOST_AT_A_SERVER:
            message = f"a server has at most {MOST_AT_A_SERVER} volumes"
            raise ApiError(403, "resource_limit_exceeded", message)
        return server

    def _now_at(self, volume: Volume, server: Server) -> Action:
        volume.server = server.id
        about = ("volume", volume.id), ("server", server.id)
        return self.state.actions.start("attach_volume", *about)

    def _refuse_busy(self, volume: Volume) -> None:
        if self.state.actions.is_busy("volume", volume.id):
            raise locked("volume")


def attachable(volume: Volume, where: dict[str, Any]) -> Volume:
    """The volume, if a server in that location may have it."""
    if volume.server is not None:
        raise ApiError(422, "volume_already_attached", "volume is already attached to a server")
    if volume.location["id"] != where["id"]:
        raise invalid_field("server", "volume and server must be in the same location")
    return volume
