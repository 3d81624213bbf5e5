"""https://cloud.google.com/compute/docs/reference/rest/v1/images"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from liferaft_sandbox.clouds.gcp import collection, quotas
from liferaft_sandbox.clouds.gcp.catalogue import PUBLIC_IMAGES
from liferaft_sandbox.clouds.gcp.errors import in_use, invalid, not_found, sandbox_lacks
from liferaft_sandbox.clouds.gcp.links import path_of, referred

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liferaft_sandbox.clouds.gcp.call import Call
    from liferaft_sandbox.clouds.gcp.collection import Handler
    from liferaft_sandbox.clouds.gcp.state import Resource, State

_VIEW = re.compile(r"zones/[^/]+/imageFamilyViews(?=/)")
"""A family as a zone sees it, which gcloud prefers: here all zones see the same."""
_OTHER_SOURCES = ("rawDisk", "sourceImage", "sourceSnapshot")


def machine_id(instance: Resource) -> str:
    """How the supervisor calls an instance."""
    return f"instance-{instance['id']}"


def insert(call: Call) -> Resource:
    """Of the boot disk of an instance that is there: its root is what the lab can keep."""
    path = collection.refuse_used_name(call)
    quotas.refuse_count(call.state, "IMAGES", "images")
    for field in _OTHER_SOURCES:
        if field in call.body:
            raise sandbox_lacks(f"images from {field}")
    if "sourceDisk" not in call.body:
        raise invalid("resource.sourceDisk", "", "An image needs a source.")
    source = call.refer(call.body["sourceDisk"], "disks", "resource.sourceDisk", "disk")
    disk = call.state.resources[source]
    instance = _booted_from(call.state, disk)
    if instance["status"] != "TERMINATED" and not call.query.get("forceCreate"):
        raise in_use("disk", source, path_of(instance["selfLink"]))
    said = {
        **call.body,
        "status": "READY",
        "sourceType": "RAW",
        "sourceDisk": disk["selfLink"],
        "sourceDiskId": disk["id"],
        "diskSizeGb": disk["sizeGb"],
        "archiveSizeBytes": "0",
        "architecture": disk["architecture"],
        "storageLocations": call.body.get("storageLocations", ["eu"]),
    }
    operation = collection.insert(call, path, said)
    call.state.image_machines[path] = machine_id(instance)
    return operation


def _booted_from(state: State, disk: Resource) -> Resource:
    for instance in state.all("instances"):
        for attached in instance["disks"]:
            if attached["boot"] and attached["source"] == disk["selfLink"]:
                return instance
    raise sandbox_lacks("images of disks from which no instance boots")


def find(state: State, reference: str, field: str) -> Resource:
    """The image that a URL means, by its name or its family's newest; raises ApiError."""
    reference = _VIEW.sub("global/images/family", reference)
    path = referred(reference, state.project, "images", field)
    collection_path, _, key = path.rpartition("/")
    known = {**PUBLIC_IMAGES, **{p: state.resources[p] for p in state.resources}}
    found = (
        _newest(state, collection_path.removesuffix("/family"), key)
        if collection_path.endswith("/family")
        else known.get(path)
    )
    if found is None:
        raise invalid(field, reference, "The referenced image resource cannot be found.")
    if path in state.resources:
        state.settled(path)
    return dict(found)


def _newest(state: State, collection_path: str, family: str) -> Resource | None:
    members = [i for i in _images(state, collection_path) if i.get("family") == family]
    members = [image for image in members if image["status"] == "READY"]
    return max(members, key=lambda image: str(image["creationTimestamp"]), default=None)


def _images(state: State, collection_path: str) -> list[Resource]:
    public = [dict(i) for p, i in PUBLIC_IMAGES.items() if p.rpartition("/")[0] == collection_path]
    return public or state.of(collection_path)


def get(call: Call) -> Resource:
    path = f"{call.collection}/{call.key}"
    return dict(PUBLIC_IMAGES[path]) if path in PUBLIC_IMAGES else call.state.get(path)


def get_from_family(call: Call) -> Resource:
    newest = _newest(call.state, call.collection, call.key)
    if newest is None:
        raise not_found(f"{call.collection}/family/{call.key}")
    return newest


def listed(call: Call) -> Resource:
    return collection.show_list(call, _images(call.state, call.collection))


def delete(call: Call) -> Resource:
    """Instances that were made from it keep running."""
    path, image = call.path, call.state.settled(call.path)

    def forget() -> None:
        call.state.resources.pop(path, None)
        call.state.image_machines.pop(path, None)

    return call.operate(path, image["id"], then=forget)


HANDLERS: Mapping[str, Handler] = {
    "compute.images.insert": insert,
    "compute.images.get": get,
    "compute.images.getFromFamily": get_from_family,
    "compute.images.list": listed,
    "compute.images.delete": delete,
    "compute.images.setLabels": collection.set_labels,
}
