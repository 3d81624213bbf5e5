"""Hetzner's server types and locations.

`cpu_type` tells shared from dedicated CPUs. Shared types have no credits to run out of, so they
are not "burstable" in the sense of EC2's t family, and are chosen like any other.
"""

from collections.abc import Iterator, Sequence

from hcloud.locations import BoundLocation
from hcloud.server_types import BoundServerType
from hcloud.servers import BoundServer
from hcloud.volumes import BoundVolume

from liferaft.clouds.contract import Unsupported
from liferaft.clouds.hetzner.access import HetznerAccess
from liferaft.clouds.placing import Room
from liferaft.clouds.sizes import NoSizeFits, Size, WantedSize, fitting, pinned

OURS = {"x86": "x86_64", "arm": "arm64"}
THEIRS = {ours: theirs for theirs, ours in OURS.items()}
_MIB_PER_GB = 1024
"""Hetzner says GB and gives GiB."""


def choose(access: HetznerAccess, wanted: WantedSize, place: str | None = None) -> Sequence[Size]:
    """The cheapest types that can be had in the location now; any listed ones when pinned."""
    return _chosen(_types(access), wanted, place or access.region)


def rooms(access: HetznerAccess, wanted: WantedSize, *, may_leave: bool) -> Iterator[Room]:
    """Every fitting type in the site's location, then (if it may leave) in the others that share
    its networks. Raises NoSizeFits when the site's own has none."""
    types = _types(access)
    yield from (Room(size, access.region) for size in _chosen(types, wanted, access.region))
    for other in _neighbours(access) if may_leave else ():
        try:
            sizes = _chosen(types, wanted, other)
        except NoSizeFits:
            continue
        yield from (Room(size, other) for size in sizes)


def location(access: HetznerAccess) -> BoundLocation:
    """The location that the site names as its region."""
    found = access.plane.ask(
        f"looking up location {access.region}",
        lambda: access.client.locations.get_by_name(access.region),
    )
    if found is None:
        raise Unsupported(
            f"hetzner has no location {access.region}",
            safe="Nothing was created.",
            do="Set sites.<site>.region to one that Hetzner lists, such as fsn1.",
        )
    return found


def size_of(row: BoundServerType, place: str) -> Size:
    """The type with its price at a location."""
    prices = [
        float(price["price_hourly"]["net"])
        for price in row.prices or []
        if price["location"] == place
    ]
    return Size(
        name=row.name or "",
        cpus=row.cores or 0,
        memory=int((row.memory or 0) * _MIB_PER_GB),
        architecture=OURS.get(row.architecture or "", row.architecture or ""),
        price=min(prices, default=float("inf")),
        disk=row.disk,
    )


def place_of(row: BoundServer | BoundVolume) -> str:
    """The name of the location where it is."""
    return (row.location.name or "") if row.location is not None else ""


def size_had(row: BoundServer) -> Size:
    """The type that the server has, with its price where it is."""
    if row.server_type is None:
        raise ValueError(f"Hetzner shows server {row.id} without a type")
    return size_of(row.server_type, place_of(row))


def _types(access: HetznerAccess) -> Sequence[BoundServerType]:
    return access.plane.ask("listing machine types", access.client.server_types.get_all)


def _chosen(types: Sequence[BoundServerType], wanted: WantedSize, place: str) -> Sequence[Size]:
    if wanted.machine_types:
        listed = [size_of(row, place) for row in types if _is_listed_at(row, place)]
        return pinned("hetzner", place, wanted, listed)
    offered = [size_of(row, place) for row in types if _is_available(row, place)]
    return fitting("hetzner", place, wanted, offered)


def _neighbours(access: HetznerAccess) -> Sequence[str]:
    """The other locations of the same network zone: a network reaches all of them."""
    home = location(access)
    found = access.plane.ask("listing locations", access.client.locations.get_all)
    return sorted(
        place.name or ""
        for place in found
        if place.network_zone == home.network_zone and place.name != home.name
    )


def _is_listed_at(row: BoundServerType, place: str) -> bool:
    return any(at.location.name == place for at in row.locations or [])


def _is_available(row: BoundServerType, place: str) -> bool:
    here = [at for at in row.locations or [] if at.location.name == place]
    return bool(here) and all(at.available is not False and at.deprecation is None for at in here)
