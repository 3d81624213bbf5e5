"""Which machine image a site boots from: a record in the vault, written when an image is whole."""

import asyncio
import json
import logging
from dataclasses import asdict, dataclass

from liferaft.clouds.contract import resource
from liferaft.clouds.kinds import MACHINE_IMAGE
from liferaft.moves.cloud import cloud_of
from liferaft.moves.world import World
from liferaft.vault import KeyMissing, Vault

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class MachineImage:
    """An image with everything installed.

    Attributes:
        id: the cloud's own id of it.
        name: the build that made it, `20261122T140507Z`.
        cloud: where it lies, with the region: an id means nothing elsewhere.
        region: as above.
        packages: what is installed in it.
    """

    id: str
    name: str
    cloud: str
    region: str
    packages: tuple[str, ...]


def image_of(vault: Vault, site: str) -> MachineImage | None:
    """The image that new servers of a site boot from; None for the cloud's own Debian. Blocks."""
    try:
        body = vault.get(_key(site))
    except KeyMissing:
        return None
    told = json.loads(body)
    return MachineImage(**{**told, "packages": tuple(told["packages"])})


def keep_image(vault: Vault, site: str, image: MachineImage) -> None:
    """From now on new servers of the site boot from this image. Durable on return. Blocks."""
    vault.put(_key(site), json.dumps(asdict(image)).encode())


def forget_image(vault: Vault, site: str) -> None:
    """New servers boot from the cloud's own Debian again. Blocks."""
    vault.delete(_key(site))


async def delete_image(world: World) -> str | None:
    """The world's site has no machine image any more, neither in the vault nor at its cloud; the
    id of the one that it had.

    It is forgotten first: nothing must boot from what is being deleted. Raises CloudFailure.
    """
    image = await asyncio.to_thread(image_of, world.vault, world.site)
    if image is None:
        return None
    images = resource(cloud_of(world), MACHINE_IMAGE.name)
    await asyncio.to_thread(forget_image, world.vault, world.site)
    await asyncio.to_thread(images.delete, image.id)
    return image.id


def _key(site: str) -> str:
    return f"machine-images/{site}.json"


async def bootable(world: World) -> str | None:
    """The id of the image that new servers of the world's site boot from now.

    None where there is none, or the cloud does not have it any more: then they boot from its own
    Debian, and packages are installed on each. Raises CloudFailure.
    """
    image = await asyncio.to_thread(image_of, world.vault, world.site)
    site = world.config.sites[world.site]
    if image is None or (image.cloud, image.region) != (site.cloud, site.region):
        return None
    images = resource(cloud_of(world), MACHINE_IMAGE.name)
    if await asyncio.to_thread(images.read, image.id) is None:
        _log.warning(
            "%s does not have image %s any more: servers boot from its own Debian. "
            "Make a new one: liferaft image build %s",
            *(site.cloud, image.id, world.site),
        )
        return None
    return image.id
