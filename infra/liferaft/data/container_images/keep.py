"""A recovery point names the images that run."""

import asyncio
import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from liferaft.data.container_images import operator
from liferaft.data.container_images.archive import ContainerImage
from liferaft.data.container_images.binding import in_vault, of_operator
from liferaft.data.failures import ArchiveMissing
from liferaft.data.sealed_objects import STORED
from liferaft.recovery import release
from liferaft.recovery.part import Part
from liferaft.recovery.parts import has_part, note_part
from liferaft.remote import Host
from liferaft.site.world import World


@dataclass(frozen=True)
class KeepContainerImages:
    """The recovery point names the images that run now; the vault has them since the deploy, so
    that no archive is asked for while they are whole there. What the operator has built since, and
    not deployed, is none of them."""

    epoch: int
    point: str

    async def holds(self, world: World) -> bool:
        images = await self._in_use(world)
        return all([await asyncio.to_thread(self._is_taken, world, image) for image in images])

    async def apply(self, world: World) -> Mapping[str, Any]:
        host = await world.servers.host(world.site.roster.app[0].name)
        parts = [await self._take(world, host, image) for image in await self._in_use(world)]
        await asyncio.to_thread(self._note, world, parts)
        return {}

    async def prove(self, world: World) -> None:
        """The part was read in the vault, whole."""

    def _is_taken(self, world: World, image: ContainerImage) -> bool:
        vault = world.site.vault
        return has_part(vault, self.epoch, self.point, kind=image.kind, name=image.name)

    async def _take(self, world: World, host: Host, image: ContainerImage) -> Part:
        try:
            part = await image.snapshot(host, epoch=self.epoch, marker=self.point)
        except ArchiveMissing as missing:
            await operator.put_instead(world, host, image, missing)
            part = await image.snapshot(host, epoch=self.epoch, marker=self.point)
        await asyncio.to_thread(note_part, world.site.vault, self.point, part)
        return part

    def _note(self, world: World, parts: Sequence[Part]) -> None:
        """Note anew where the images lie: one that was damaged and brought again lies elsewhere in
        the vault."""
        noted = release.newest(world.site.vault, self.epoch)
        if noted is not None and [_lies(part) for part in noted.images] != list(map(_lies, parts)):
            again = dataclasses.replace(noted, images=tuple(parts))
            release.note(world.site.vault, self.epoch, world.run.name, again)

    async def _in_use(self, world: World) -> list[ContainerImage]:
        noted = await asyncio.to_thread(release.newest, world.site.vault, self.epoch)
        if noted is None:
            return [image for _, image in await of_operator(world)]
        return [image for _, image in await in_vault(world, noted.images)]


def _lies(part: Part) -> Any:
    return part.facts.get(STORED)
