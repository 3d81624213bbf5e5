"""From configuration and vault to the application's container images."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from liferaft.data.container_images.archive import Image
from liferaft.data.sealed import sealed
from liferaft.hosts import archives
from liferaft.hosts.archives import Archive
from liferaft.recovery.part import Part
from liferaft.site.world import World


async def of_operator(world: World) -> tuple[tuple[Path, Image], ...]:
    """The operator's archives and the images that they hold."""
    over = await sealed(world)
    for path in world.site.config.app.images:
        if path not in world.run.archives:
            world.run.archives[path] = await asyncio.to_thread(_opened, path)
    opened = ((path, *world.run.archives[path]) for path in world.site.config.app.images)
    return tuple((path, Image(one.key, content, over, one.names)) for path, content, one in opened)


def _opened(path: Path) -> tuple[str, Archive]:
    return archives.digest(path), archives.read(path)


async def in_vault(world: World, parts: Sequence[Part]) -> list[tuple[Part, Image]]:
    """What the vault holds, without the operator's files."""
    over = await sealed(world)
    return [
        (part, Image(part.name, part.facts["digest"], over, tuple(part.facts.get("names", ()))))
        for part in parts
    ]
