"""https://docs.hetzner.cloud/reference/cloud#volumes

Volumes can be made and listed, so that clients find what they own. Machines of the sandbox have no
block devices to attach: that is refused, saying so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from liferaft.sandbox.hetzner.collection import Collection, Reply
from liferaft.sandbox.hetzner.errors import invalid_field, unsupported
from liferaft.sandbox.hetzner.primary_ips import location
from liferaft.sandbox.hetzner.schema import (
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
from liferaft.sandbox.hetzner.state import State, Volume, refuse_used_name

if TYPE_CHECKING:
    from liferaft.sandbox.hetzner.actions import Action

SMALLEST, LARGEST = 10, 10240  # GB
_CREATE = {
    "name": required(text(longest=64)),
    "size": required(integer),
    "location": optional(id_or_name),
    "server": optional(integer),
    "automount": optional(boolean),
    "format": optional(one_of("xfs", "ext4")),
    "labels": optional(labels),
}


class Volumes(Collection[Volume]):
    singular, plural = "volume", "volumes"

    def __init__(self, state: State) -> None:
        super().__init__(state, state.volumes)
        self.commands = {
            "attach": self._attach,
            "resize": self._resize,
            "change_protection": self.change_protection,
        }

    def create(self, body: object) -> Reply:
        wanted = checked(body, _CREATE)
        refuse_used_name(self.resources, wanted["name"], "volume")
        if "server" in wanted:
            raise _no_attachments()
        if "location" not in wanted:
            raise invalid_field("location", "location or server is required")
        if not SMALLEST <= wanted["size"] <= LARGEST:
            raise invalid_field("size", f"must be between {SMALLEST} and {LARGEST}")
        volume = Volume(
            id=self.state.next_id(),
            name=wanted["name"],
            labels=wanted.get("labels", {}),
            size=wanted["size"],
            location=location(wanted["location"]),
            format=wanted.get("format"),
        )
        self.resources[volume.id] = volume
        action = self.started("create_volume", volume).show()
        return Reply(201, {"volume": self.show(volume), "action": action, "next_actions": []})

    def show(self, resource: Volume) -> dict[str, Any]:
        creating = self.state.actions.busy("volume", resource.id)
        return {
            **self.common(resource),
            "size": resource.size,
            "server": None,
            "location": resource.location,
            "linux_device": f"/dev/disk/by-id/scsi-0HC_Volume_{resource.id}",
            "protection": {"delete": resource.delete_protected},
            "status": "creating" if creating else "available",
            "format": resource.format,
        }

    def delete(self, resource: Volume) -> Reply:
        self.refuse_protected(resource)
        del self.resources[resource.id]
        return Reply(204, None)

    def _attach(self, volume: Volume, body: object) -> Action:
        del volume
        checked(body, {"server": required(integer), "automount": optional(boolean)})
        raise _no_attachments()

    def _resize(self, volume: Volume, body: object) -> Action:
        size = checked(body, {"size": required(integer)})["size"]
        if not volume.size < size <= LARGEST:
            raise invalid_field("size", "must be larger than the volume's size")
        volume.size = size
        return self.started("resize_volume", volume)


def _no_attachments() -> Exception:
    return unsupported("the sandbox has no block devices that a server could attach")
