"""https://docs.hetzner.cloud/reference/cloud#images: system images, and snapshots of servers."""

from __future__ import annotations

from typing import Any

from liferaft_sandbox.clouds.hetzner.collection import Collection, Reply
from liferaft_sandbox.clouds.hetzner.errors import (
    ApiError,
    invalid_field,
    no_such_reference,
    unsupported,
)
from liferaft_sandbox.clouds.hetzner.schema import checked, labels, one_of, optional, text
from liferaft_sandbox.clouds.hetzner.state import Image, Server, State, machine_id

_SNAPSHOT = {
    "description": optional(text(shortest=0)),
    "type": optional(one_of("snapshot", "backup")),
    "labels": optional(labels),
}


class Images(Collection[Image]):
    singular, plural = "image", "images"
    updates = {  # noqa: RUF012 - Schema is a Mapping
        "description": optional(text(shortest=0)),
        "type": optional(one_of("snapshot")),
        "labels": optional(labels),
    }

    def __init__(self, state: State) -> None:
        super().__init__(state, state.images)
        self.commands = {"change_protection": self.change_protection}

    def create(self, body: object) -> Reply:
        del body
        raise ApiError(405, "method_not_allowed", "images are created from servers")

    def show(self, resource: Image) -> dict[str, Any]:
        return show_image(self.state, resource)

    def update(self, resource: Image, body: object) -> Reply:
        _refuse_system(resource)
        return super().update(resource, body)

    def delete(self, resource: Image) -> Reply:
        _refuse_system(resource)
        self.refuse_protected(resource)
        del self.resources[resource.id]
        return Reply(204, None)


def show_image(state: State, image: Image) -> dict[str, Any]:
    """The image as JSON, in the shape that hcloud.images.domain.Image is built from."""
    creating = state.actions.is_busy("image", image.id)
    snapshot = image.type == "snapshot"
    return {
        "id": image.id,
        "type": image.type,
        "status": "creating" if creating else "available",
        "name": image.name or None,
        "description": image.description,
        "image_size": image.disk_size / 2 if snapshot and not creating else None,
        "disk_size": image.disk_size,
        "created": image.created,
        "created_from": image.created_from,
        "bound_to": None,
        "os_flavor": image.os_flavor,
        "os_version": image.os_version,
        "rapid_deploy": not snapshot,
        "protection": {"delete": image.delete_protected},
        "deprecated": None,
        "deprecation": None,
        "deleted": None,
        "labels": image.labels,
        "architecture": image.architecture,
    }


def take_snapshot(state: State, server: Server, body: object) -> Image:
    """The server's disk as it is now."""
    wanted = checked(body, _SNAPSHOT)
    if wanted.get("type") == "backup":
        raise unsupported("backups are not enabled for the server")
    base = server.image
    number = state.next_id()
    image = Image(
        id=number,
        name="",
        labels=wanted.get("labels", {}),
        type="snapshot",
        description=wanted.get("description", f"snapshot {number}"),
        architecture=base["architecture"],
        os_flavor=base["os_flavor"],
        os_version=base["os_version"],
        disk_size=float(server.disk),
        created_from={"id": server.id, "name": server.name},
        machine=machine_id(server) if server.ever_on else "",
        base=server.boots,
    )
    state.images[number] = image
    return image


def bootable(state: State, key: int | str, architecture: str, disk: int) -> Image:
    """What a body means by `image`, for a server with a disk of `disk` GB.

    By name the image of the server's architecture is meant; an id must fit.
    """
    named = [image for image in state.images.values() if str(key) in {str(image.id), image.name}]
    if not named:
        raise no_such_reference("image", "image", key)
    fitting = [image for image in named if image.architecture == architecture]
    if not fitting:
        raise invalid_field("image", "incompatible image architecture for server type")
    if state.actions.is_busy("image", fitting[0].id):
        raise invalid_field("image", "image is not available yet")
    if fitting[0].disk_size > disk:
        raise invalid_field("image", "image disk is bigger than server type disk")
    return fitting[0]


def _refuse_system(image: Image) -> None:
    """Assumed: the code for what a project does not own is not documented."""
    if image.type == "system":
        raise ApiError(403, "forbidden", "system images belong to Hetzner")
