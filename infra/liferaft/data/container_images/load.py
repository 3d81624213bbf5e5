"""Images are loaded on one server, from the vault."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from liferaft.data.container_images import operator
from liferaft.data.container_images.binding import in_vaults, of_operator
from liferaft.data.container_images.everywhere import ImageInVaults
from liferaft.data.failures import NotAsSealed
from liferaft.recovery.part import Part
from liferaft.site.world import World


@dataclass(frozen=True)
class LoadContainerImages:
    """These images are loaded on one server. Where the vault's archive is of no use, and the
    operator has the same, that is put there.

    images: parts that lie in the vault, as JSON values. None: what another step has delivered from
    the operator's archives under this epoch.
    """

    server: str
    epoch: int
    images: tuple[Mapping[str, Any], ...] | None = None

    async def holds(self, world: World) -> bool:
        host = await world.servers.host(self.server)
        return all([await image.is_loaded(host) for _, image in await self._parts(world)])

    async def apply(self, world: World) -> Mapping[str, Any]:
        host = await world.servers.host(self.server)
        for part, image in await self._parts(world):
            try:
                await image.restore(host, part)
            except NotAsSealed as damage:
                await operator.put_instead(world, host, image.first, damage)
                await image.restore(host, part)
        return {}

    async def prove(self, world: World) -> None:
        """The archive's digest is checked before it is loaded."""

    async def _parts(self, world: World) -> list[tuple[Part, ImageInVaults]]:
        if self.images is not None:
            return await in_vaults(world, [Part.from_json(image) for image in self.images])
        return [
            (
                Part(
                    kind=image.kind,
                    name=image.name,
                    epoch=self.epoch,
                    taken_at="",
                    size=0,  # the digest alone is checked
                    facts={"digest": image.digest},
                    vaults=image.vaults,
                ),
                image,
            )
            for _, image in await of_operator(world)
        ]
