"""The application's images: from the operator into the vault, from the vault onto servers."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from liferaft.data.contract import Part
from liferaft.data.images import FOLDER, Image, archive_path
from liferaft.moves import binding
from liferaft.moves.actions.parts import is_taken, point_named, taken
from liferaft.moves.roster import roster
from liferaft.moves.world import World


@dataclass(frozen=True)
class DeliverImage:
    """The operator's archives lie in the vault under this epoch and are loaded on one server."""

    server: str
    epoch: int

    async def holds(self, world: World) -> bool:
        return await _operators_are_loaded(world, self.server)

    async def apply(self, world: World) -> Mapping[str, Any]:
        host = await world.host(self.server)
        sizes = {}
        for path, image in await binding.images(world):
            if not await image.has_archive(host):
                await host.run(["install", "-d", "-m", "700", FOLDER], deadline=30)
                content = await asyncio.to_thread(path.read_bytes)
                await host.put(archive_path(image.digest), content, mode=0o600)
            part = await image.snapshot(host, epoch=self.epoch, marker=world.run)
            await image.restore(host, part, marker=world.run)
            sizes[image.name] = part.size
        return {"images": sizes}

    async def prove(self, world: World) -> None:
        """The archive's digest was checked where it is loaded, and its size in the vault."""


@dataclass(frozen=True)
class KeepImages:
    """The recovery point names the images that run now; the vault has them since the deploy."""

    epoch: int
    point: str

    async def holds(self, world: World) -> bool:
        found = [
            await is_taken(world, image, epoch=self.epoch, point=self.point)
            for _, image in await binding.images(world)
        ]
        return all(found)

    async def apply(self, world: World) -> Mapping[str, Any]:
        host = await world.host(roster(world.config).app[0].name)
        for _, image in await binding.images(world):
            await taken(world, host, image, epoch=self.epoch, point=self.point)
        return {}

    async def prove(self, world: World) -> None:
        """The part was measured in the vault, by listing it."""


@dataclass(frozen=True)
class LoadImage:
    """The images of a recovery point are loaded on one server, pulled from the vault."""

    server: str
    point_epoch: int
    point: str

    async def holds(self, world: World) -> bool:
        host = await world.host(self.server)
        return all([await image.is_loaded(host) for image in await self._images(world)])

    async def apply(self, world: World) -> Mapping[str, Any]:
        host = await world.host(self.server)
        point = await point_named(world, self.point_epoch, self.point)
        for image in await self._images(world):
            await image.restore(host, point.part(image.kind, image.name), marker=world.run)
        return {}

    async def prove(self, world: World) -> None:
        """The archive's digest is checked before it is loaded."""

    async def _images(self, world: World) -> list[Image]:
        """By the manifest: the operator's own copies may be gone with the laptop."""
        point = await point_named(world, self.point_epoch, self.point)
        over = await binding.sealed(world)
        return [
            Image(part.name, part.facts["digest"], over)
            for part in point.parts
            if part.kind == "image"
        ]


@dataclass(frozen=True)
class PullImage:
    """The images that were delivered under this epoch are loaded on one more server."""

    server: str
    epoch: int

    async def holds(self, world: World) -> bool:
        return await _operators_are_loaded(world, self.server)

    async def apply(self, world: World) -> Mapping[str, Any]:
        host = await world.host(self.server)
        for path, image in await binding.images(world):
            part = Part(
                kind=image.kind,
                name=image.name,
                epoch=self.epoch,
                taken_at="",
                size=path.stat().st_size,
                facts={"digest": image.digest},
            )
            await image.restore(host, part, marker=world.run)
        return {}

    async def prove(self, world: World) -> None:
        """The archive's digest is checked before it is loaded."""


async def _operators_are_loaded(world: World, server: str) -> bool:
    host = await world.host(server)
    return all([await image.is_loaded(host) for _, image in await binding.images(world)])
