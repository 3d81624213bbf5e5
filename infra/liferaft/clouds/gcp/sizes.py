"""Compute Engine's machine types: what each zone lists, what it costs, which disks it takes.

The API lists types without prices. Google charges for CPUs and memory apart, so that two numbers
price a whole series; only series in `PRICES` are considered unless a type is pinned.
https://cloud.google.com/compute/vm-instance-pricing
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from liferaft.clouds.contract import Unsupported
from liferaft.clouds.gcp.access import GcpAccess, last
from liferaft.clouds.placing import Room
from liferaft.clouds.sizes import NoSizeFits, Size, WantedSize, fitting, may_keep, pinned
from liferaft.clouds.systems import System

if TYPE_CHECKING:
    from google.cloud.compute_v1.types import MachineType

# USD per hour of one vCPU and of one GiB, on demand, us-central1: written down from memory of the
# page above (2024). Other regions differ in level, not in order.
PRICES: Mapping[str, tuple[float, float]] = {
    "c2": (0.03398, 0.00455),
    "c2d": (0.029563, 0.003959),
    "c3": (0.03398, 0.00456),
    "c3d": (0.029563, 0.003959),
    "c4a": (0.03086, 0.00350),
    "e2": (0.021812, 0.002923),
    "n1": (0.031611, 0.004237),
    "n2": (0.031611, 0.004237),
    "n2d": (0.027502, 0.003686),
    "n4": (0.03040, 0.00345),
    "t2a": (0.02500, 0.00340),
    "t2d": (0.027502, 0.003686),
}
_ARM_SERIES = frozenset({"a4x", "c4a", "n4a", "t2a"})
_ARCHITECTURE = {"X86_64": "x86_64", "ARM64": "arm64"}

# Series that take no Persistent Disk.
# https://cloud.google.com/compute/docs/general-purpose-machines
_HYPERDISK_ONLY = frozenset({"c4", "c4a", "c4d", "n4", "n4a", "n4d"})
_PLAIN_NAME = 3
"""Parts of `e2-standard-2`; more of them mean a local SSD or bare metal, which cost extra."""
_MIB_PER_GIB = 1024


def choose(access: GcpAccess, wanted: WantedSize) -> Sequence[Size]:
    """The cheapest types of known series that fit and some zone lists; any types at all when they
    are pinned. Shared-core types only then."""
    return _choice(access, wanted, _offered(access, zones(access), wanted))


def rooms(access: GcpAccess, wanted: WantedSize) -> Sequence[Room]:
    """What to try: every type to choose from that the first zone lists, then the next zone's."""
    offered = _offered(access, zones(access), wanted)
    sizes = _choice(access, wanted, offered)
    return [
        Room(size, zone) for zone, listed in offered.items() for size in sizes if size in listed
    ]


def rooms_instead(access: GcpAccess, wanted: WantedSize, now: Room) -> Sequence[Room]:
    """What to try for a server that stays in its zone and keeps its disks: none if the type that
    it has is as wanted."""
    choice = _choice(access, wanted, _offered(access, [now.zone], wanted))
    if _may_stay(now.size, wanted, choice):
        return []
    found = [
        Room(size, now.zone) for size in choice if disk_type(size.name) == disk_type(now.size.name)
    ]
    if not found:
        raise NoSizeFits(
            f"gcp {now.zone} offers no fitting type with the kind of disks that "
            f"{now.size.name} has",
            safe="Nothing was changed.",
            do="Pin a type of the same generation in sites.<site>.sizes.",
        )
    return found


def named(access: GcpAccess, zone: str, name: str) -> Size:
    """The type of a server that is there."""
    row = access.plane.ask(
        f"reading machine type {name}",
        lambda: access.call(access.clients.machine_types.get, zone=zone, machine_type=name),
    )
    return _size(row)


def zones(access: GcpAccess) -> Sequence[str]:
    """Those of the region that are up, in alphabetical order."""
    rows = access.plane.ask("listing zones", lambda: list(access.call(access.clients.zones.list)))
    here = [row for row in rows if last(row.region) == access.region]
    if not here:
        raise Unsupported(
            f"gcp has no region {access.region}",
            safe="Nothing was created.",
            do="Set sites.<site>.region to one that Google lists, such as europe-west3.",
        )
    return sorted(row.name for row in here if row.status == "UP")


def disk_type(machine_type: str) -> str:
    """The general kind of disk that such a server takes."""
    return "hyperdisk-balanced" if _series(machine_type) in _HYPERDISK_ONLY else "pd-balanced"


def debian(system: System, architecture: str) -> str:
    """The release by Debian's own family, which the API resolves: never a fixed image.
    https://cloud.google.com/compute/docs/images/os-details#debian"""
    family = f"{system}-arm64" if architecture == "arm64" else system
    return f"projects/debian-cloud/global/images/family/{family}"


def _choice(
    access: GcpAccess, wanted: WantedSize, offered: Mapping[str, Sequence[Size]]
) -> Sequence[Size]:
    union = {size.name: size for listed in offered.values() for size in listed}.values()
    choice = pinned if wanted.machine_types else fitting
    return choice("gcp", access.region, wanted, union)


def _offered(
    access: GcpAccess, among: Sequence[str], wanted: WantedSize
) -> Mapping[str, Sequence[Size]]:
    """By zone."""
    return {
        zone: [
            _size(row)
            for row in access.plane.ask(
                f"listing machine types in {zone}",
                lambda zone=zone: list(  # type: ignore[misc]  # mypy: no default in a lambda
                    access.call(access.clients.machine_types.list, zone=zone)
                ),
            )
            if row.name in wanted.machine_types or (not wanted.machine_types and _is_plain(row))
        ]
        for zone in among
    }


def _is_plain(row: "MachineType") -> bool:
    return _is_considered(row.name) and not row.is_shared_cpu and not row.deprecated.state


def _is_considered(name: str) -> bool:
    return _series(name) in PRICES and name.count("-") == _PLAIN_NAME - 1


def _may_stay(size: Size, wanted: WantedSize, choice: Sequence[Size]) -> bool:
    """Types that are never chosen, shared-core ones among them, only while they are pinned."""
    known = bool(wanted.machine_types) or _is_considered(size.name)
    return known and may_keep(size, wanted, choice)


def _size(row: "MachineType") -> Size:
    cpu, gib = PRICES.get(_series(row.name), (0.0, 0.0))
    series_says = "arm64" if _series(row.name) in _ARM_SERIES else "x86_64"
    return Size(
        name=row.name,
        cpus=row.guest_cpus,
        memory=row.memory_mb,
        architecture=_ARCHITECTURE.get(row.architecture, series_says),
        price=row.guest_cpus * cpu + row.memory_mb / _MIB_PER_GIB * gib,
    )


def _series(machine_type: str) -> str:
    return machine_type.partition("-")[0]
