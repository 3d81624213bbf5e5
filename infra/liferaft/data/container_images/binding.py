"""From configuration and vault to the application's container images."""

from collections.abc import Sequence
from pathlib import Path

from liferaft.data.container_images.archive import Image
from liferaft.data.sealed import sealed
from liferaft.recovery.part import Part
from liferaft.site.world import World


async def of_operator(world: World) -> tuple[tuple[Path, Image], ...]:
    """The operator's archives and the images that they hold."""
    over = await sealed(world)
    found = []
    for path in world.site.config.app.images:
        digest, archive = await world.run.archive(path)
        found.append((path, Image(archive.key, digest, over, archive.names)))
    return tuple(found)


async def in_vault(world: World, parts: Sequence[Part]) -> list[tuple[Part, Image]]:
    """What the vault holds, without the operator's files."""
    over = await sealed(world)
    return [
        (part, Image(part.name, part.facts["digest"], over, tuple(part.facts.get("names", ()))))
        for part in parts
    ]
