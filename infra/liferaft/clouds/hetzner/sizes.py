"""Hetzner's server types, images and locations.

`cpu_type` tells shared from dedicated CPUs. Shared types have no credits to run out of, so they
are not "burstable" in the sense of EC2's t family, and are chosen like any other.
"""

from collections.abc import Sequence

from hcloud.images import BoundImage
from hcloud.locations import BoundLocation
from hcloud.server_types import BoundServerType

from liferaft.clouds.contract import Unsupported
from liferaft.clouds.hetzner.access import HetznerAccess
from liferaft.clouds.sizes import Size, Wanted, fitting, pinned

_ARCHITECTURE = {"x86": "x86_64", "arm": "arm64"}
_OURS = {ours: theirs for theirs, ours in _ARCHITECTURE.items()}
_MIB_PER_GB = 1024
"""Hetzner says GB and gives GiB."""

IMAGE = "debian-12"


def choose(access: HetznerAccess, wanted: Wanted) -> Sequence[Size]:
    """The cheapest types that can be had in the location now; any listed ones when pinned."""
    types = access.plane.ask("listing machine types", access.client.server_types.get_all)
    if wanted.machine_types:
        listed = [_size(row, access.region) for row in types]
        return pinned("hetzner", access.region, wanted, listed)
    offered = [_size(row, access.region) for row in types if _available(row, access.region)]
    return fitting("hetzner", access.region, wanted, offered)


def debian(access: HetznerAccess, architecture: str) -> BoundImage:
    """Debian 12 by Hetzner's own name for it: never a fixed id."""
    image = access.plane.ask(
        f"looking up image {IMAGE}",
        lambda: access.client.images.get_by_name_and_architecture(IMAGE, _OURS[architecture]),
    )
    if image is None:
        raise Unsupported(
            f"hetzner lists no image {IMAGE} for {architecture}",
            safe="Nothing was created.",
            do="Choose another architecture in servers.<group>.",
        )
    return image


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


def _available(row: BoundServerType, region: str) -> bool:
    here = [at for at in row.locations or [] if at.location.name == region]
    return bool(here) and all(at.available is not False and at.deprecation is None for at in here)


def _size(row: BoundServerType, region: str) -> Size:
    prices = [
        float(price["price_hourly"]["net"])
        for price in row.prices or []
        if price["location"] == region
    ]
    return Size(
        name=row.name or "",
        cpus=row.cores or 0,
        memory=int((row.memory or 0) * _MIB_PER_GB),
        architecture=_ARCHITECTURE.get(row.architecture or "", row.architecture or ""),
        price=min(prices, default=float("inf")),
        disk=row.disk,
    )
