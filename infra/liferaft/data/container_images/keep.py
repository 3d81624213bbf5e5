"""A recovery point names the images that run."""

import asyncio
import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from liferaft.data.container_images import operator
from liferaft.data.container_images.binding import in_vaults, of_operator
from liferaft.data.container_images.everywhere import ImageInVaults, lies
from liferaft.data.every_vault import not_taken
from liferaft.data.failures import ArchiveMissing
from liferaft.data.parts import is_kept
from liferaft.plan.telling import TOLD
from liferaft.recovery import release
from liferaft.recovery.part import Part
from liferaft.recovery.parts import note_part
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
        return all([await self._is_taken(world, image) for image in images])

    async def apply(self, world: World) -> Mapping[str, Any]:
        host = await world.servers.host(world.site.roster.app[0].name)
        images = await self._in_use(world)
        parts = [await self._take(world, host, image) for image in images]
        await asyncio.to_thread(self._note, world, images, parts)
        told = [said for part in parts for said in not_taken(part)]
        return {TOLD: told} if told else {}

    async def prove(self, world: World) -> None:
        """The part was read in the vault, whole."""

    async def _is_taken(self, world: World, image: ImageInVaults) -> bool:
        return await is_kept(world, self.epoch, self.point, kind=image.kind, name=image.name)

    async def _take(self, world: World, host: Host, image: ImageInVaults) -> Part:
        try:
            part = await image.snapshot(host, epoch=self.epoch, marker=self.point)
        except ArchiveMissing as missing:
            await operator.put_instead(world, host, image.first, missing)
            part = await image.snapshot(host, epoch=self.epoch, marker=self.point)
        await asyncio.to_thread(note_part, world.site.vault, self.point, part)
        return part

    def _note(self, world: World, images: Sequence[ImageInVaults], parts: Sequence[Part]) -> None:
        """Note anew where the images lie: one that was damaged and brought again lies elsewhere in
        the vault. What was noted of a vault that is silent now stays."""
        noted = release.newest(world.site.vault, self.epoch)
        if noted is None:
            return
        whole = zip(noted.images, images, parts, strict=True)
        if not all(i.is_as_noted(old, lies(new, i.vaults)) for old, i, new in whole):
            again = dataclasses.replace(noted, images=tuple(parts))
            release.note(world.site.vault, self.epoch, world.run.name, again)

    async def _in_use(self, world: World) -> list[ImageInVaults]:
        noted = await asyncio.to_thread(release.newest, world.site.vault, self.epoch)
        if noted is None:
            return [image for _, image in await of_operator(world)]
        return [image for _, image in await in_vaults(world, noted.images)]
