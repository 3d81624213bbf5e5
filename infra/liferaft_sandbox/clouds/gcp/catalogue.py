"""What Google offers everywhere: regions, zones, machine types, disk types, public images.

Figures: https://cloud.google.com/compute/docs/general-purpose-machines and, for subnetworks of
auto mode networks, https://cloud.google.com/vpc/docs/subnets#ip-ranges. A part of the real list.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.gcp.links import link

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ESTABLISHED = "1969-12-31T16:00:00.000-08:00"
"""Google's creation time of what was always there."""


@dataclass(frozen=True)
class Region:
    name: str
    zones: str
    auto_range: str
    """The range of its subnetwork in auto mode networks."""
    quotas: tuple[tuple[str, float], ...] = (
        ("CPUS", 72.0),
        ("IN_USE_ADDRESSES", 23.0),
        ("STATIC_ADDRESSES", 23.0),
        ("DISKS_TOTAL_GB", 40960.0),
        ("INSTANCES", 240.0),
    )


REGIONS: Mapping[str, Region] = {
    region.name: region
    for region in (
        Region("europe-west1", "bcd", "10.132.0.0/20"),
        Region("europe-west3", "abc", "10.156.0.0/20"),
        Region("europe-west4", "abc", "10.164.0.0/20"),
        Region("us-central1", "abcf", "10.128.0.0/20"),
        Region("us-east1", "bcd", "10.142.0.0/20"),
    )
}
ZONES: Mapping[str, Region] = {
    f"{region.name}-{letter}": region for region in REGIONS.values() for letter in region.zones
}
PROJECT_QUOTAS = {"NETWORKS": 15.0, "FIREWALLS": 100.0, "SUBNETWORKS": 100.0, "IMAGES": 100.0}
"""Counts in a whole project, by metric."""

_ARM = frozenset({"c4a", "t2a"})
_T2A_ZONES = frozenset(
    f"{region}-{letter}" for region in ("europe-west4", "us-central1") for letter in "abc"
)
DISK_TYPES: Mapping[str, int] = {
    "pd-standard": 500,
    "pd-balanced": 100,
    "pd-ssd": 100,
    "hyperdisk-balanced": 100,
}
"""With their default sizes in GB."""


@dataclass(frozen=True)
class MachineType:
    """`memory` in MiB."""

    name: str
    cpus: int
    memory: int
    shared: bool = False
    architecture: str = "X86_64"

    def is_offered_in(self, zone: str) -> bool:
        return not self.name.startswith("t2a-") or zone in _T2A_ZONES

    def show(self, project: str, zone: str) -> dict[str, Any]:
        gib = f"{self.memory / 1024:g}"
        return {
            "kind": "compute#machineType",
            "id": str(zlib.crc32(self.name.encode())),
            "creationTimestamp": ESTABLISHED,
            "name": self.name,
            "description": f"{self.cpus} vCPU{'s' if self.cpus > 1 else ''} {gib} GB RAM",
            "guestCpus": self.cpus,
            "memoryMb": self.memory,
            "imageSpaceGb": 0,
            "maximumPersistentDisks": 16 if self.shared else 128,
            "maximumPersistentDisksSizeGb": "3072" if self.shared else "263168",
            "zone": zone,
            "selfLink": link(f"projects/{project}/zones/{zone}/machineTypes/{self.name}"),
            "isSharedCpu": self.shared,
            "architecture": self.architecture,
        }


def _family(name: str, shapes: Mapping[str, float], cpus: tuple[int, ...]) -> Iterator[MachineType]:
    """`shapes` are GiB for each vCPU."""
    architecture = "ARM64" if name in _ARM else "X86_64"
    for shape, gib in shapes.items():
        for count in cpus:
            memory = int(count * gib * 1024)
            yield MachineType(f"{name}-{shape}-{count}", count, memory, architecture=architecture)


_E2 = {"standard": 4.0, "highmem": 8.0, "highcpu": 1.0}
_C3 = {"standard": 4.0, "highmem": 8.0, "highcpu": 2.0}
MACHINE_TYPES: Mapping[str, MachineType] = {
    one.name: one
    for one in (
        MachineType("e2-micro", 2, 1024, shared=True),
        MachineType("e2-small", 2, 2048, shared=True),
        MachineType("e2-medium", 2, 4096, shared=True),
        MachineType("f1-micro", 1, 614, shared=True),
        MachineType("g1-small", 1, 1740, shared=True),
        *_family("e2", _E2, (2, 4, 8, 16)),
        *_family("n1", {"standard": 3.75}, (1,)),
        *_family("n1", {"standard": 3.75, "highmem": 6.5}, (2, 4, 8, 16, 32, 64, 96)),
        *_family("n2", _E2, (2, 4, 8, 16, 32, 48, 64, 80)),
        *_family("n2d", _E2, (2, 4, 8, 16, 32, 48, 64, 80)),
        *_family("c3", _C3, (4, 8, 22, 44, 88, 176)),
        *_family("c4a", _C3, (1, 2, 4, 8, 16, 32, 48, 64, 72)),
        *_family("t2d", {"standard": 4.0}, (1, 2, 4, 8, 16, 32, 48, 60)),
        *_family("t2a", {"standard": 4.0}, (1, 2, 4, 8, 16, 32, 48)),
    )
}


def machine_type(zone: str, name: str) -> MachineType | None:
    """The type, where the zone has it."""
    found = MACHINE_TYPES.get(name)
    return found if found and found.is_offered_in(zone) else None


def _image(family: str, suite: str, architecture: str) -> dict[str, Any]:
    system, _, suffix = family.removeprefix("debian-").partition("-")
    name = "-".join(filter(None, ("debian", system, suite, suffix, "v20261110")))
    return {
        "kind": "compute#image",
        "id": "81620344019" + str(zlib.crc32(name.encode()) % 10**8).zfill(8),
        "creationTimestamp": "2026-11-10T14:11:19.000-08:00",
        "name": name,
        "description": f"Debian, Debian GNU/Linux, {system} ({suite}), {architecture}",
        "family": family,
        "status": "READY",
        "sourceType": "RAW",
        "diskSizeGb": "10",
        "archiveSizeBytes": "1310720000",
        "architecture": architecture,
        "storageLocations": ["us", "eu", "asia"],
        "labelFingerprint": "42WmSpB8rSM=",
        "selfLink": link(f"projects/debian-cloud/global/images/{name}"),
    }


PUBLIC_IMAGES: Mapping[str, Mapping[str, Any]] = {
    f"projects/debian-cloud/global/images/{image['name']}": image
    for system, suite in (("debian-12", "bookworm"), ("debian-13", "trixie"))
    for image in (_image(system, suite, "X86_64"), _image(f"{system}-arm64", suite, "ARM64"))
}
PUBLIC_PROJECTS = frozenset(
    {
        "centos-cloud",
        "cos-cloud",
        "coreos-cloud",
        "debian-cloud",
        "fedora-cloud",
        "fedora-coreos-cloud",
        "opensuse-cloud",
        "oracle-linux-cloud",
        "rhel-cloud",
        "rhel-sap-cloud",
        "rocky-linux-accelerator-cloud",
        "rocky-linux-cloud",
        "suse-byos-cloud",
        "suse-cloud",
        "suse-sap-cloud",
        "ubuntu-os-accelerator-images",
        "ubuntu-os-cloud",
        "ubuntu-os-pro-cloud",
        "windows-cloud",
        "windows-sql-cloud",
    }
)
"""Whose images anybody may look for, as clients do in all of them; here only Debian has any.

https://cloud.google.com/compute/docs/images/os-details
"""
