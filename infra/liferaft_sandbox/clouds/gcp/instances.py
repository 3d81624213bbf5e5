"""https://cloud.google.com/compute/docs/reference/rest/v1/instances: making and deleting them.

Their life: https://cloud.google.com/compute/docs/instances/instance-lifecycle
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from liferaft_sandbox.clouds.gcp import attachments, collection, constraints, quotas
from liferaft_sandbox.clouds.gcp.catalogue import MachineType, machine_type
from liferaft_sandbox.clouds.gcp.errors import ApiError, invalid, required, sandbox_lacks
from liferaft_sandbox.clouds.gcp.images import machine_id
from liferaft_sandbox.clouds.gcp.links import link, name_of, path_of, referred
from liferaft_sandbox.clouds.gcp.operations import now
from liferaft_sandbox.clouds.gcp.state import fingerprint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liferaft_sandbox.clouds.gcp.call import Call
    from liferaft_sandbox.clouds.gcp.collection import Handler
    from liferaft_sandbox.clouds.gcp.state import Resource, State

STARTING = frozenset({"PROVISIONING", "STAGING"})
ON = STARTING | {"RUNNING"}
VALUE_LIMIT, METADATA_LIMIT = 262144, 524288
"""Bytes: https://cloud.google.com/compute/docs/metadata/setting-custom-metadata#limitations"""

_LACKING = ("guestAccelerators", "sourceMachineImage", "confidentialInstanceConfig")


def insert(call: Call) -> Resource:
    """Everything is looked up before anything is made: a refusal leaves nothing behind."""
    state, body = call.state, call.body
    path = collection.refuse_used_name(call)
    for field in _LACKING:
        if body.get(field):
            raise sandbox_lacks(field)
    constraints.refuse_instance(state, path, body)
    kind = wanted_type(call, body.get("machineType"))
    disks, made = attachments.new_disks(call, body["name"])
    _refuse_foreign_architecture(kind, disks[0])
    region = call.arguments["zone"].rpartition("-")[0]
    quotas.refuse_in_region(state, region, CPUS=kind.cpus, INSTANCES=1)
    interface = attachments.new_interface(call)
    said = {
        "description": "",
        "canIpForward": False,
        "deletionProtection": False,
        "cpuPlatform": "Ampere Altra" if kind.architecture == "ARM64" else "Intel Broadwell",
        "startRestricted": False,
        **body,
        "machineType": link(f"{call.scope}/machineTypes/{kind.name}"),
        "status": "PROVISIONING",
        "disks": disks,
        "networkInterfaces": [interface],
        "metadata": checked_metadata(body.get("metadata", {})),
        **_service_accounts(state, body),
        "tags": tags(body.get("tags", {})),
        "scheduling": {
            "onHostMaintenance": "MIGRATE",
            "automaticRestart": True,
            "preemptible": False,
            "provisioningModel": "STANDARD",
            **body.get("scheduling", {}),
        },
    }
    operation = collection.insert(call, path, said, ready=lambda: is_running(state, path))
    state.resources |= made
    attachments.take(state, state.resources[path])
    return operation


def _service_accounts(state: State, body: Resource) -> Resource:
    """https://cloud.google.com/compute/docs/access/service-accounts#default_service_account"""
    own = {"email": state.service_account}
    said = body.get("serviceAccounts", [])
    accounts = [{**one, **own} if one.get("email") == "default" else one for one in said]
    return {"serviceAccounts": accounts} if accounts else {}


def wanted_type(call: Call, reference: str | None) -> MachineType:
    """The machine type of this zone that a URL means; raises ApiError."""
    if not reference:
        raise required("resource.machineType")
    path = referred(reference, call.project, "machineTypes", "resource.machineType")
    refuse_custom(name_of(path))
    found = machine_type(call.arguments["zone"], name_of(path))
    if found is None or path.rsplit("/", 2)[0] != call.scope:
        why = "The referenced resource does not exist."
        raise invalid("resource.machineType", link(path), why)
    return found


def refuse_custom(machine_type_name: str) -> None:
    """Types of one's own making, like custom-2-4096 or n2-custom-2-4096."""
    if machine_type_name.startswith("custom-") or "-custom-" in machine_type_name:
        raise sandbox_lacks("custom machine types")


def _refuse_foreign_architecture(kind: MachineType, boot: Resource) -> None:
    if boot.get("architecture") != kind.architecture:
        why = (  # assumed wording
            f"The architecture {boot.get('architecture')} of the boot disk is not that of machine "
            f"type {kind.name}, {kind.architecture}."
        )
        raise invalid("resource.machineType", kind.name, why)


def checked_metadata(said: Resource) -> Resource:
    """With its fingerprint; raises ApiError for keys said twice and for what is too long."""
    items = said.get("items", [])
    keys = [item["key"] for item in items]
    if len(set(keys)) < len(keys):
        raise invalid("resource.metadata", "", "Metadata has duplicate keys.")
    for item in items:
        if len(item.get("value", "").encode()) > VALUE_LIMIT:
            why = f"Value for metadata key '{item['key']}' is larger than {VALUE_LIMIT} bytes."
            raise invalid(f"metadata.items[{item['key']}]", "", why)
    if len(json.dumps(items).encode()) > METADATA_LIMIT:
        raise invalid("resource.metadata", "", f"Metadata is larger than {METADATA_LIMIT} bytes.")
    shown: Resource = {"kind": "compute#metadata", "fingerprint": fingerprint(items)}
    return {**shown, "items": items} if items else shown


def tags(said: Resource) -> Resource:
    items = sorted(set(said.get("items", [])))
    shown: Resource = {"fingerprint": fingerprint(items)}
    return {**shown, "items": items} if items else shown


def is_running(state: State, path: str) -> bool:
    """Raises ApiError where the zone has no room: then nothing of the instance stays."""
    instance = state.get(path)
    kind, zone = name_of(instance["machineType"]), name_of(instance["zone"])
    if (zone, kind) in state.stockouts:
        if not instance.get("lastStopTimestamp"):
            remove(state, path)
        else:
            instance["status"] = "TERMINATED"
        raise stockout(instance)
    return bool(instance["status"] == "RUNNING")


def stockout(instance: Resource) -> ApiError:
    """https://cloud.google.com/compute/docs/troubleshooting/troubleshooting-vm-creation"""
    zone = path_of(instance["zone"])
    return ApiError(
        503,
        "zoneResourcePoolExhausted",
        f"The zone '{zone}' does not have enough resources available to fulfill the request.  "
        "Try a different zone, or try again later.",
    )


def refresh(state: State) -> None:
    """Let the starting ones go on to where their machines are."""
    for instance in state.all("instances"):
        if instance["status"] in STARTING:
            machine = state.machines.get(machine_id(instance))
            if machine == "running":
                instance["status"], instance["lastStartTimestamp"] = "RUNNING", now()
            elif machine is not None:
                instance["status"] = "STAGING"


def delete(call: Call) -> Resource:
    path, instance, state = call.path, call.resource, call.state
    if instance["deletionProtection"]:
        said = "Resource cannot be deleted if it's protected against deletion."
        raise ApiError(400, "invalidResourceUsage", f"Invalid resource usage: '{said}'.")
    instance["status"] = "STOPPING"
    return call.operate(
        path,
        instance["id"],
        ready=lambda: machine_id(instance) not in state.machines,
        then=lambda: remove(state, path),
    )


def remove(state: State, path: str) -> None:
    """Once; two deletes may run at the same time."""
    instance = state.resources.pop(path, None)
    if instance:
        attachments.release(state, instance)


HANDLERS: Mapping[str, Handler] = {
    "compute.instances.insert": insert,
    "compute.instances.get": collection.get,
    "compute.instances.list": collection.listed,
    "compute.instances.aggregatedList": collection.aggregated,
    "compute.instances.delete": delete,
    "compute.instances.setLabels": collection.set_labels,
}
