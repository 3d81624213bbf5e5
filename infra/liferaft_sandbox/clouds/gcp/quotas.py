"""Quotas: what a project or a region may hold. https://cloud.google.com/compute/resource-usage"""

from __future__ import annotations

from typing import TYPE_CHECKING

from liferaft_sandbox.clouds.gcp.catalogue import MACHINE_TYPES, PROJECT_QUOTAS, REGIONS
from liferaft_sandbox.clouds.gcp.errors import quota_exceeded
from liferaft_sandbox.clouds.gcp.links import name_of
from liferaft_sandbox.clouds.gcp.state import access_configs

if TYPE_CHECKING:
    from liferaft_sandbox.clouds.gcp.state import Resource, State

_KINDS = {
    "NETWORKS": "networks",
    "FIREWALLS": "firewalls",
    "SUBNETWORKS": "subnetworks",
    "IMAGES": "images",
}
_ON = frozenset({"PROVISIONING", "STAGING", "RUNNING", "STOPPING"})


def refuse_count(state: State, metric: str, kind: str) -> None:
    """Raises ApiError when one more of that kind is too many for the project."""
    if len(state.all(kind)) + 1 > PROJECT_QUOTAS[metric]:
        raise quota_exceeded(metric, PROJECT_QUOTAS[metric], "globally")


def refuse_in_region(state: State, region: str, **more: float) -> None:
    """Raises ApiError when so much more of a metric is too much for the region."""
    limits, used = dict(REGIONS[region].quotas), regional(state, region)
    for metric, amount in more.items():
        if used[metric] + amount > limits[metric]:
            raise quota_exceeded(metric, limits[metric], f"in region {region}")


def regional(state: State, region: str) -> dict[str, float]:
    """What is used in the region, by metric."""
    here = [i for i in state.all("instances") if name_of(i["zone"]).startswith(f"{region}-")]
    running = [instance for instance in here if instance["status"] in _ON]
    disks = [d for d in state.all("disks") if name_of(d["zone"]).startswith(f"{region}-")]
    addresses = [a for a in state.all("addresses") if name_of(a["region"]) == region]
    return {
        "CPUS": float(sum(MACHINE_TYPES[name_of(i["machineType"])].cpus for i in running)),
        "IN_USE_ADDRESSES": float(
            sum("natIP" in config for instance in here for config in access_configs(instance))
        ),
        "STATIC_ADDRESSES": float(len(addresses)),
        "DISKS_TOTAL_GB": float(sum(int(disk["sizeGb"]) for disk in disks)),
        "INSTANCES": float(len(here)),
    }


def show_project(state: State) -> list[Resource]:
    return [
        {"metric": metric, "limit": limit, "usage": float(len(state.all(_KINDS[metric])))}
        for metric, limit in PROJECT_QUOTAS.items()
    ]


def show_region(state: State, region: str) -> list[Resource]:
    used = regional(state, region)
    return [
        {"metric": metric, "limit": limit, "usage": used[metric]}
        for metric, limit in REGIONS[region].quotas
    ]
