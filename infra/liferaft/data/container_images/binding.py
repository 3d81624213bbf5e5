"""From configuration and vault to the application's container images."""

from collections.abc import Sequence
from pathlib import Path

from liferaft.data.container_images.archive import ContainerImage
from liferaft.data.sealed import sealed
from liferaft.recovery.part import Part
from liferaft.site.world import World


async def of_operator(world: World) -> tuple[tuple[Path, ContainerImage], ...]:
    """The operator's archives and the images that they hold."""
    over = await sealed(world)
    found = []
    for path in world.site.config.app.images:
        digest, archive = await world.run.archive(path)
        found.append((path, ContainerImage(archive.key, digest, over, archive.names)))
    return tuple(found)


async def in_vault(world: World, parts: Sequence[Part]) -> list[tuple[Part, ContainerImage]]:
    """The images of these parts as the vault holds them; the operator's files are not asked for."""
    over = await sealed(world)
    return [
        (
            part,
            ContainerImage(
                part.name, part.facts["digest"], over, tuple(part.facts.get("names", ()))
            ),
        )
        for part in parts
    ]
