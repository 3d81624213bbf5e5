"""Projects, regions, zones, machine types: what is there without being made."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from liferaft_sandbox.clouds.gcp import collection, quotas
from liferaft_sandbox.clouds.gcp.catalogue import (
    ESTABLISHED,
    MACHINE_TYPES,
    REGIONS,
    ZONES,
    machine_type,
)
from liferaft_sandbox.clouds.gcp.errors import condition_not_met, not_found
from liferaft_sandbox.clouds.gcp.instances import checked_metadata, refuse_custom
from liferaft_sandbox.clouds.gcp.links import link

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liferaft_sandbox.clouds.gcp.call import Call
    from liferaft_sandbox.clouds.gcp.collection import Handler
    from liferaft_sandbox.clouds.gcp.state import Resource


def get_project(call: Call) -> Resource:
    state = call.state
    return {
        "kind": "compute#project",
        "id": state.number,
        "creationTimestamp": ESTABLISHED,
        "name": state.project,
        "selfLink": link(state.base),
        "commonInstanceMetadata": state.metadata,
        "quotas": quotas.show_project(state),
        "defaultServiceAccount": state.service_account,
        "defaultNetworkTier": "PREMIUM",
        "xpnProjectStatus": "UNSPECIFIED_XPN_PROJECT_STATUS",
        "vmDnsSetting": "ZONAL_ONLY",
    }


def set_common_metadata(call: Call) -> Resource:
    if call.body.get("fingerprint") != call.state.metadata["fingerprint"]:
        raise condition_not_met("Supplied fingerprint does not match current metadata fingerprint.")
    call.state.metadata = checked_metadata(call.body)
    return call.operate(call.state.base, call.state.number)


def get_region(call: Call) -> Resource:
    return _region(call, call.arguments["region"])


def list_regions(call: Call) -> Resource:
    return collection.show_list(call, [_region(call, name) for name in sorted(REGIONS)])


def _region(call: Call, name: str) -> Resource:
    base = f"projects/{call.project}"
    return {
        "kind": "compute#region",
        "id": _number(name),
        "creationTimestamp": ESTABLISHED,
        "name": name,
        "description": name,
        "status": "UP",
        "zones": [link(f"{base}/zones/{name}-{letter}") for letter in REGIONS[name].zones],
        "quotas": quotas.show_region(call.state, name),
        "selfLink": link(f"{base}/regions/{name}"),
        "supportsPzs": False,
    }


def get_zone(call: Call) -> Resource:
    return _zone(call, call.arguments["zone"])


def list_zones(call: Call) -> Resource:
    return collection.show_list(call, [_zone(call, name) for name in sorted(ZONES)])


def _zone(call: Call, name: str) -> Resource:
    base = f"projects/{call.project}"
    return {
        "kind": "compute#zone",
        "id": _number(name),
        "creationTimestamp": ESTABLISHED,
        "name": name,
        "description": name,
        "status": "UP",
        "region": link(f"{base}/regions/{ZONES[name].name}"),
        "selfLink": link(f"{base}/zones/{name}"),
        "availableCpuPlatforms": ["Intel Broadwell", "Intel Ice Lake", "AMD Milan"],
        "supportsPzs": False,
    }


def get_machine_type(call: Call) -> Resource:
    refuse_custom(call.key)
    found = machine_type(call.arguments["zone"], call.key)
    if found is None:
        raise not_found(f"{call.collection}/{call.key}")
    return found.show(call.project, call.arguments["zone"])


def list_machine_types(call: Call) -> Resource:
    return collection.show_list(call, _machine_types(call, call.arguments["zone"]))


def aggregate_machine_types(call: Call) -> Resource:
    everywhere = [shown for zone in sorted(ZONES) for shown in _machine_types(call, zone)]
    return collection.show_aggregated(call, everywhere)


def _machine_types(call: Call, zone: str) -> list[Resource]:
    types = (MACHINE_TYPES[name] for name in sorted(MACHINE_TYPES))
    return [one.show(call.project, zone) for one in types if one.is_offered_in(zone)]


def _number(name: str) -> str:
    return str(zlib.crc32(name.encode()) % 9000 + 1000)


HANDLERS: Mapping[str, Handler] = {
    "compute.projects.get": get_project,
    "compute.projects.setCommonInstanceMetadata": set_common_metadata,
    "compute.regions.get": get_region,
    "compute.regions.list": list_regions,
    "compute.zones.get": get_zone,
    "compute.zones.list": list_zones,
    "compute.machineTypes.get": get_machine_type,
    "compute.machineTypes.list": list_machine_types,
    "compute.machineTypes.aggregatedList": aggregate_machine_types,
}
