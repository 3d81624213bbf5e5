"""https://cloud.google.com/compute/docs/reference/rest/v1/instances: what is done to one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from liferaft_sandbox.clouds.gcp import attachments
from liferaft_sandbox.clouds.gcp.addresses import wear
from liferaft_sandbox.clouds.gcp.catalogue import MACHINE_TYPES
from liferaft_sandbox.clouds.gcp.errors import ApiError, condition_not_met, invalid, sandbox_lacks
from liferaft_sandbox.clouds.gcp.images import machine_id
from liferaft_sandbox.clouds.gcp.instances import (
    ON,
    checked_metadata,
    is_running,
    tags,
    wanted_type,
)
from liferaft_sandbox.clouds.gcp.links import link, name_of, path_of
from liferaft_sandbox.clouds.gcp.operations import now
from liferaft_sandbox.clouds.gcp.quotas import refuse_in_region

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liferaft_sandbox.clouds.gcp.call import Call
    from liferaft_sandbox.clouds.gcp.collection import Handler
    from liferaft_sandbox.clouds.gcp.state import Resource


def start(call: Call) -> Resource:
    """Of one that runs already: nothing happens, and the operation succeeds."""
    instance, state, path = call.state.settled(call.path), call.state, call.path
    if instance["status"] in ON:
        return call.operate(path, instance["id"])
    if instance["status"] != "TERMINATED":
        raise _wrong_state(path, instance)
    region = call.arguments["zone"].rpartition("-")[0]
    cpus = MACHINE_TYPES[name_of(instance["machineType"])].cpus
    refuse_in_region(state, region, CPUS=cpus)
    for config in instance["networkInterfaces"][0].get("accessConfigs", ()):
        config.setdefault("natIP", state.free_address())
    instance["status"] = "PROVISIONING"
    return call.operate(path, instance["id"], ready=lambda: is_running(state, path))


def stop(call: Call) -> Resource:
    """An ephemeral external address is given up: the next start brings another."""
    instance, state = call.state.settled(call.path), call.state
    if instance["status"] == "TERMINATED":
        return call.operate(call.path, instance["id"])
    instance["status"] = "STOPPING"

    def mark_stopped() -> None:
        instance["status"], instance["lastStopTimestamp"] = "TERMINATED", now()
        for config in instance["networkInterfaces"][0].get("accessConfigs", ()):
            if state.reserved(config.get("natIP", "")) is None:
                config.pop("natIP", None)

    return call.operate(
        call.path,
        instance["id"],
        ready=lambda: state.machines.get(machine_id(instance)) != "running",
        then=mark_stopped,
    )


def set_machine_type(call: Call) -> Resource:
    instance = call.state.settled(call.path)
    kind = wanted_type(call, call.body.get("machineType"))
    if instance["status"] != "TERMINATED":
        raise _wrong_state(call.path, instance)
    if MACHINE_TYPES[name_of(instance["machineType"])].architecture != kind.architecture:
        why = "The machine type has another architecture."
        raise invalid("resource.machineType", kind.name, why)
    instance["machineType"] = link(f"{call.scope}/machineTypes/{kind.name}")
    return call.operate(call.path, instance["id"])


def set_metadata(call: Call) -> Resource:
    instance = call.state.settled(call.path)
    if call.body.get("fingerprint") != instance["metadata"]["fingerprint"]:
        raise condition_not_met("Supplied fingerprint does not match current metadata fingerprint.")
    instance["metadata"] = checked_metadata(call.body)
    return call.operate(call.path, instance["id"])


def set_tags(call: Call) -> Resource:
    instance = call.state.settled(call.path)
    if call.body.get("fingerprint") != instance["tags"]["fingerprint"]:
        raise condition_not_met("Supplied fingerprint does not match current tags fingerprint.")
    instance["tags"] = tags(call.body)
    return call.operate(call.path, instance["id"])


def attach_disk(call: Call) -> Resource:
    instance = call.state.settled(call.path)
    if call.body.get("boot") or "initializeParams" in call.body:
        raise sandbox_lacks("attachDisk for boot disks and for disks that are not there yet")
    _, disk = attachments.existing_disk(call, call.body, "resource")
    index = max(other["index"] for other in instance["disks"]) + 1
    shown = attachments.attached(call.body, disk, index, instance["disks"])
    instance["disks"].append(shown)
    disk["users"], disk["lastAttachTimestamp"] = [instance["selfLink"]], now()
    return call.operate(call.path, instance["id"])


def detach_disk(call: Call) -> Resource:
    instance, device = call.state.settled(call.path), call.query["deviceName"]
    found = [disk for disk in instance["disks"] if disk["deviceName"] == device]
    if not found:
        why = f"No attached disk found with device name '{device}'"
        raise invalid("deviceName", device, why)
    if found[0]["boot"]:
        raise sandbox_lacks("detachDisk for boot disks")
    instance["disks"].remove(found[0])
    disk = call.state.resources[path_of(found[0]["source"])]
    disk.pop("users", None)
    disk["lastDetachTimestamp"] = now()
    return call.operate(call.path, instance["id"])


def set_disk_auto_delete(call: Call) -> Resource:
    instance, device = call.state.settled(call.path), call.query["deviceName"]
    for disk in instance["disks"]:
        if disk["deviceName"] == device:
            disk["autoDelete"] = call.query["autoDelete"]
            return call.operate(call.path, instance["id"])
    raise invalid("deviceName", device, f"No attached disk found with device name '{device}'")


def set_deletion_protection(call: Call) -> Resource:
    instance = call.state.settled(call.path)
    instance["deletionProtection"] = call.query.get("deletionProtection", True)
    return call.operate(call.path, instance["id"])


def add_access_config(call: Call) -> Resource:
    instance, interface = call.state.settled(call.path), _interface(call)
    if interface.get("accessConfigs"):
        why = "At most one access config currently supported."
        raise invalid("resource.accessConfigs", "", why)
    config = attachments.new_access_config(call, call.body)
    interface["accessConfigs"] = [config]
    wear(call.state, config["natIP"], call.path)
    return call.operate(call.path, instance["id"])


def delete_access_config(call: Call) -> Resource:
    instance, interface = call.state.settled(call.path), _interface(call)
    name = call.query["accessConfig"]
    configs = interface.get("accessConfigs", [])
    if not configs or configs[0]["name"] != name:
        raise invalid("accessConfig", name, "The access config does not exist.")
    del interface["accessConfigs"]
    if "natIP" in configs[0]:
        wear(call.state, configs[0]["natIP"], None)
    return call.operate(call.path, instance["id"])


def _interface(call: Call) -> Resource:
    name = call.query["networkInterface"]
    interfaces: list[Resource] = call.resource["networkInterfaces"]
    for interface in interfaces:
        if interface["name"] == name:
            return interface
    raise invalid("networkInterface", name, "The network interface does not exist.")


def _wrong_state(path: str, instance: Resource) -> ApiError:
    """Assumed wording."""
    said = f"The resource '{path}' is {instance['status']}; it must be TERMINATED for this."
    return ApiError(400, "resourceNotReady", said)


HANDLERS: Mapping[str, Handler] = {
    f"compute.instances.{name}": handler
    for name, handler in {
        "start": start,
        "stop": stop,
        "setMachineType": set_machine_type,
        "setMetadata": set_metadata,
        "setTags": set_tags,
        "attachDisk": attach_disk,
        "detachDisk": detach_disk,
        "setDiskAutoDelete": set_disk_auto_delete,
        "setDeletionProtection": set_deletion_protection,
        "addAccessConfig": add_access_config,
        "deleteAccessConfig": delete_access_config,
    }.items()
}
