"""https://cloud.google.com/compute/docs/reference/rest/v1/disks"""

from __future__ import annotations

from typing import TYPE_CHECKING

from liferaft_sandbox.clouds.gcp import collection, quotas
from liferaft_sandbox.clouds.gcp.catalogue import DISK_TYPES, ZONES
from liferaft_sandbox.clouds.gcp.errors import in_use, invalid, required, sandbox_lacks
from liferaft_sandbox.clouds.gcp.links import link, name_of, path_of, referred

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liferaft_sandbox.clouds.gcp.call import Call
    from liferaft_sandbox.clouds.gcp.collection import Handler
    from liferaft_sandbox.clouds.gcp.state import Resource

LARGEST = 65536  # GB
_COPIES = ("sourceImage", "sourceSnapshot", "sourceDisk", "sourceStorageObject")


def insert(call: Call) -> Resource:
    """Empty ones: a disk with content is made together with the instance that boots from it."""
    path = collection.refuse_used_name(call)
    for field in _COPIES:
        if field in call.body:
            raise sandbox_lacks(f"disks with content apart from an instance ({field})")
    said = blank(call, call.body.get("type"), call.body.get("sizeGb"), "resource.sizeGb")
    return collection.insert(call, path, {**call.body, **said})


def blank(call: Call, type_: str | None, size: str | None, field: str) -> Resource:
    """What a new disk of that type and size (GB) is; raises ApiError for what cannot be one."""
    zone = call.arguments["zone"]
    kind = disk_type(call, type_)
    gigabytes = int(size) if size else DISK_TYPES[kind]
    if not 1 <= gigabytes <= LARGEST:
        why = f"Disk size must be between 1 GB and {LARGEST} GB."
        raise invalid(field, gigabytes, why)
    quotas.refuse_in_region(call.state, ZONES[zone].name, DISKS_TOTAL_GB=gigabytes)
    return {
        "sizeGb": str(gigabytes),
        "status": "READY",
        "type": link(f"{call.scope}/diskTypes/{kind}"),
        "physicalBlockSizeBytes": "4096",
    }


def disk_type(call: Call, reference: str | None) -> str:
    """The name of the type that a URL means; pd-standard where nothing is said."""
    if not reference:
        return "pd-standard"
    path = referred(reference, call.project, "diskTypes", "resource.type")
    if path.rpartition("/")[0] != f"{call.scope}/diskTypes" or name_of(path) not in DISK_TYPES:
        why = "The referenced disk type resource cannot be found."
        raise invalid("resource.type", link(path), why)
    return name_of(path)


def resize(call: Call) -> Resource:
    disk = call.state.settled(call.path)
    if "sizeGb" not in call.body:
        raise required("resource.sizeGb")
    new, old = int(call.body["sizeGb"]), int(disk["sizeGb"])
    if new <= old:
        why = f"New disk size '{new}' GiB must be larger than existing size '{old}' GiB."
        raise invalid("sizeGb", new, why)
    if new > LARGEST:
        raise invalid("sizeGb", new, f"Disk size must be between 1 GB and {LARGEST} GB.")
    region = ZONES[call.arguments["zone"]].name
    quotas.refuse_in_region(call.state, region, DISKS_TOTAL_GB=new - old)
    disk["sizeGb"] = str(new)
    for instance in call.state.all("instances"):
        for attached in instance["disks"]:
            if attached["source"] == disk["selfLink"]:
                attached["diskSizeGb"] = str(new)
    return call.operate(call.path, disk["id"])


def delete(call: Call) -> Resource:
    path, disk = call.path, call.state.settled(call.path)
    if disk.get("users"):
        raise in_use("disk", path, path_of(disk["users"][0]))
    return call.operate(path, disk["id"], then=lambda: collection.forget(call.state, path))


def list_types(call: Call) -> Resource:
    return collection.show_list(call, [_show_type(call.scope, name) for name in DISK_TYPES])


def get_type(call: Call) -> Resource:
    disk_type(call, f"{call.scope}/diskTypes/{call.key}")
    return _show_type(call.scope, call.key)


def aggregate_types(call: Call) -> Resource:
    base = f"projects/{call.project}/zones"
    shown = [_show_type(f"{base}/{zone}", name) for zone in sorted(ZONES) for name in DISK_TYPES]
    return collection.show_aggregated(call, shown)


def _show_type(scope: str, name: str) -> Resource:
    return {
        "kind": "compute#diskType",
        "name": name,
        "defaultDiskSizeGb": str(DISK_TYPES[name]),
        "validDiskSize": "10GB-65536GB",
        "zone": link(scope),
        "selfLink": link(f"{scope}/diskTypes/{name}"),
    }


HANDLERS: Mapping[str, Handler] = {
    "compute.disks.insert": insert,
    "compute.disks.get": collection.get,
    "compute.disks.list": collection.listed,
    "compute.disks.aggregatedList": collection.aggregated,
    "compute.disks.delete": delete,
    "compute.disks.resize": resize,
    "compute.disks.setLabels": collection.set_labels,
    "compute.diskTypes.get": get_type,
    "compute.diskTypes.list": list_types,
    "compute.diskTypes.aggregatedList": aggregate_types,
}
