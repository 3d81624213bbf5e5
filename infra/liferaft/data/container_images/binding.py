"""From configuration and vault to the application's container images."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from liferaft.data.container_images.archive import ContainerImage
from liferaft.data.container_images.everywhere import ImageInVaults
from liferaft.data.in_vaults import in_first
from liferaft.data.sealed import seals
from liferaft.recovery.part import Part
from liferaft.site import image_sources
from liferaft.site.world import World


async def of_operator(world: World) -> tuple[tuple[Path, ImageInVaults], ...]:
    """The operator's archives and the images that they hold."""
    each = await seals(world)
    found = []
    for path in await asyncio.to_thread(image_sources.archives_of, world.site.config):
        digest, archive = await world.run.archive(path)
        images = (ContainerImage(archive.key, digest, one, archive.names) for one in each)
        found.append((path, ImageInVaults(tuple(images))))
    return tuple(found)


async def in_vaults(world: World, parts: Sequence[Part]) -> list[tuple[Part, ImageInVaults]]:
    """The images of these parts as vaults hold them; the operator's files are not asked for."""
    each = await seals(world)
    found = []
    for part in parts:
        digest, names = part.facts["digest"], tuple(part.facts.get("names", ()))
        images = (ContainerImage(part.name, digest, one, names) for one in each)
        noted = in_first(part, world.site.config.first_vault)
        found.append((noted, ImageInVaults(tuple(images))))
    return found
