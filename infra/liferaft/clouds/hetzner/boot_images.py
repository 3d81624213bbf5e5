"""What a server boots from: Hetzner's own Debian, or a machine image (snapshot) of ours."""

import math
from dataclasses import dataclass

from hcloud.images import BoundImage

from liferaft.clouds.contract import Unsupported
from liferaft.clouds.hetzner.access import HetznerAccess
from liferaft.clouds.hetzner.sizes import OURS, THEIRS
from liferaft.clouds.kinds import ServerSpec
from liferaft.clouds.refusals import no_image, of_another_architecture


@dataclass(frozen=True)
class HetznerBootImage:
    row: BoundImage
    size: int
    """GiB that the server's disk has at least."""


def boot_image(access: HetznerAccess, spec: ServerSpec) -> HetznerBootImage:
    """Raises Refused when the named image is gone or of another architecture, Unsupported when
    Hetzner has no such Debian."""
    row = _debian(access, spec) if spec.image_id is None else _own(access, spec)
    return HetznerBootImage(row, math.ceil(row.disk_size or 0))


def _own(access: HetznerAccess, spec: ServerSpec) -> BoundImage:
    ident = spec.image_id or ""
    row = access.plane.look_up(
        f"reading machine image {ident}", lambda: access.client.images.get_by_id(int(ident))
    )
    if row is None:
        raise no_image("hetzner", ident)
    has = OURS.get(row.architecture or "", row.architecture or "")
    if has != spec.architecture:
        raise of_another_architecture("hetzner", ident, has=has, wanted=spec.architecture)
    return row


def _debian(access: HetznerAccess, spec: ServerSpec) -> BoundImage:
    """Debian by Hetzner's own name for the release, which is ours: never a fixed id."""
    name, theirs = spec.runs, THEIRS[spec.architecture]
    image = access.plane.ask(
        f"looking up image {name}",
        lambda: access.client.images.get_by_name_and_architecture(name, theirs),
    )
    if image is None:
        raise Unsupported(
            f"hetzner lists no image {name} for {spec.architecture}",
            safe="Nothing was created.",
            do="Choose another architecture in servers.<group>.",
        )
    return image
