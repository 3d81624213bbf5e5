"""What an instance has on it: its disks and its place in a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from liferaft_sandbox.clouds.gcp import collection, images
from liferaft_sandbox.clouds.gcp.addresses import private_address, wear
from liferaft_sandbox.clouds.gcp.catalogue import ZONES
from liferaft_sandbox.clouds.gcp.disks import blank
from liferaft_sandbox.clouds.gcp.errors import ApiError, in_use, invalid, sandbox_lacks
from liferaft_sandbox.clouds.gcp.links import link, name_of, path_of

if TYPE_CHECKING:
    from liferaft_sandbox.clouds.gcp.call import Call
    from liferaft_sandbox.clouds.gcp.state import Resource, State

EXTERNAL_NAT = "External NAT"


def new_disks(call: Call, name: str) -> tuple[list[Resource], dict[str, Resource]]:
    """An instance's disks as it shows them, and those (by path) that are made for it.

    Nothing is stored yet: a refusal leaves nothing behind.
    """
    wanted = call.body.get("disks", [])
    if not wanted or not wanted[0].get("boot"):
        raise invalid("resource.disks", "", "The first disk must be a boot disk.")
    shown: list[Resource] = []
    made: dict[str, Resource] = {}
    for index, disk in enumerate(wanted):
        field = f"resource.disks[{index}]"
        if index and disk.get("boot"):
            raise invalid(f"{field}.boot", "true", "Only the first disk can be the boot disk.")
        if "initializeParams" in disk:
            own = f"{name}-{index}" if index else name
            path, resource = _fresh_disk(call, disk, own, index)
            made[path] = resource
        else:
            path, resource = existing_disk(call, disk, field)
            if not index:
                raise sandbox_lacks("instances that boot from a disk that is there already")
        shown.append(attached(disk, resource, index, shown))
    return shown, made


def _fresh_disk(call: Call, disk: Resource, name: str, index: int) -> tuple[str, Resource]:
    field, said = f"resource.disks[{index}].initializeParams", disk["initializeParams"]
    path = f"{call.scope}/disks/{said.get('diskName', name)}"
    if path in call.state.resources:
        raise ApiError(409, "alreadyExists", f"The resource '{path}' already exists")
    if "sourceSnapshot" in said:
        raise sandbox_lacks("snapshots")
    size = said.get("diskSizeGb", disk.get("diskSizeGb"))
    image = None
    if "sourceImage" in said:
        if index:
            raise sandbox_lacks("data disks made from images")
        image = images.find(call.state, said["sourceImage"], f"{field}.sourceImage")
        size = size or image["diskSizeGb"]
        if int(size) < int(image["diskSizeGb"]):
            smallest = image["diskSizeGb"]
            why = f"Requested disk size cannot be smaller than the image size ({smallest} GB)"
            raise invalid(f"{field}.diskSizeGb", size, why)
    elif not index:
        raise sandbox_lacks("boot disks without an image")
    resource = blank(call, said.get("diskType"), size, f"{field}.diskSizeGb")
    if image:
        resource["sourceImage"], resource["sourceImageId"] = image["selfLink"], image["id"]
        resource["architecture"] = image["architecture"]
    resource |= {k: said[k] for k in ("description", "labels") if k in said}
    return path, collection.new_resource(call, path, "Disk", resource)


def existing_disk(call: Call, disk: Resource, field: str) -> tuple[str, Resource]:
    """A disk of the same zone on which nothing hangs."""
    path = call.refer(disk.get("source", ""), "disks", f"{field}.source", "disk")
    resource = call.state.resources[path]
    if path.rsplit("/", 2)[0] != call.scope:
        raise invalid(f"{field}.source", link(path), "Disk must be in the instance's zone.")
    if resource.get("users") and disk.get("mode") != "READ_ONLY":
        raise in_use("disk", path, path_of(resource["users"][0]))
    return path, resource


def attached(disk: Resource, resource: Resource, index: int, others: list[Resource]) -> Resource:
    """A disk as its instance shows it."""
    device = disk.get("deviceName") or f"persistent-disk-{index}"
    if any(other["deviceName"] == device for other in others):
        raise invalid("deviceName", device, "The device name is already in use.")
    shown = {
        "kind": "compute#attachedDisk",
        "type": "PERSISTENT",
        "mode": disk.get("mode", "READ_WRITE"),
        "source": resource["selfLink"],
        "deviceName": device,
        "index": index,
        "boot": disk.get("boot", False),
        "autoDelete": disk.get("autoDelete", False),
        "interface": disk.get("interface", "SCSI"),
        "diskSizeGb": resource["sizeGb"],
    }
    if "architecture" in resource:
        shown["architecture"] = resource["architecture"]
    return shown


def new_interface(call: Call) -> Resource:
    """Its one network interface; raises ApiError when it has no place in a network."""
    wanted = call.body.get("networkInterfaces", [])
    if not wanted:
        why = "At least one network interface is required."
        raise invalid("resource.networkInterfaces", "", why)
    if len(wanted) > 1:
        raise sandbox_lacks("second network interface")
    said = wanted[0]
    subnetwork = call.state.resources[_subnetwork(call, said)]
    taken = {
        interface["networkIP"]
        for instance in call.state.all("instances")
        for interface in instance["networkInterfaces"]
        if interface["subnetwork"] == subnetwork["selfLink"]
    }
    if not said.get("networkIP"):  # what is reserved is given only to who names it
        taken |= {a["address"] for a in call.state.all("addresses")}
    field = "resource.networkInterfaces[0].networkIP"
    configs = [new_access_config(call, config) for config in said.get("accessConfigs", [])]
    if len(configs) > 1:
        field = "resource.networkInterfaces[0].accessConfigs"
        raise invalid(field, "", "At most one access config currently supported.")
    shown = {
        "kind": "compute#networkInterface",
        "name": "nic0",
        "network": subnetwork["network"],
        "subnetwork": subnetwork["selfLink"],
        "networkIP": private_address(subnetwork, taken, said.get("networkIP"), field),
        "stackType": "IPV4_ONLY",
        "fingerprint": subnetwork["fingerprint"],
    }
    return {**shown, "accessConfigs": configs} if configs else shown


def _subnetwork(call: Call, said: Resource) -> str:
    """The path of the subnetwork that an interface names, or that its auto network has here."""
    field = "resource.networkInterfaces[0]"
    region = ZONES[call.arguments["zone"]].name
    here = f"projects/{call.project}/regions/{region}/subnetworks/"
    network = None
    if said.get("network") or not said.get("subnetwork"):
        reference = said.get("network") or "global/networks/default"
        network = call.refer(reference, "networks", f"{field}.network", "network")
    if not said.get("subnetwork"):
        if not call.state.resources[network or ""]["autoCreateSubnetworks"]:
            why = "Subnetwork should be specified for custom subnetmode network"
            raise invalid(f"{field}.subnetwork", "", why)
        return f"{here}{name_of(network or '')}"
    path = call.refer(said["subnetwork"], "subnetworks", f"{field}.subnetwork", "subnetwork")
    if not path.startswith(here):
        why = "The subnetwork must be in the region of the instance."
        raise invalid(f"{field}.subnetwork", link(path), why)
    if network and call.state.resources[path]["network"] != link(network):
        why = "The subnetwork does not belong to the specified network."
        raise invalid(f"{field}.subnetwork", link(path), why)
    return path


def new_access_config(call: Call, said: Resource) -> Resource:
    """An external address: a reserved one that is free, or an ephemeral one."""
    field = "resource.networkInterfaces[0].accessConfigs[0].natIP"
    address = said.get("natIP")
    if address:
        region = ZONES[call.arguments["zone"]].name
        reserved = call.state.reserved(address)
        if reserved is None or name_of(reserved["region"]) != region:
            why = (
                f"The specified external IP address '{address}' was not found in region '{region}'."
            )
            raise invalid(field, address, why)
        if reserved["status"] == "IN_USE":
            user = path_of(reserved["users"][0])
            said_so = f"IP '{address}' is already being used by another resource '{user}'."
            raise ApiError(400, "ipInUseByAnotherResource", said_so)
    return {
        "kind": "compute#accessConfig",
        "type": "ONE_TO_ONE_NAT",
        "name": said.get("name", EXTERNAL_NAT),
        "natIP": address or call.state.free_address(),
        "networkTier": said.get("networkTier", "PREMIUM"),
    }


def take(state: State, instance: Resource) -> None:
    """Mark disks and addresses as the instance's."""
    path = path_of(instance["selfLink"])
    for disk in instance["disks"]:
        state.resources[path_of(disk["source"])]["users"] = [instance["selfLink"]]
    for config in instance["networkInterfaces"][0].get("accessConfigs", ()):
        wear(state, config["natIP"], path)


def release(state: State, instance: Resource) -> None:
    """Give them back; disks that are to be deleted with the instance go."""
    for disk in instance["disks"]:
        path = path_of(disk["source"])
        state.resources[path].pop("users", None)
        if disk["autoDelete"]:
            del state.resources[path]
    for config in instance["networkInterfaces"][0].get("accessConfigs", ()):
        if "natIP" in config:
            wear(state, config["natIP"], None)
