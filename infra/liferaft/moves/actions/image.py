"""The application's images: from the operator into the vault, from the vault onto servers."""

import asyncio
import dataclasses
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from liferaft.data.contract import Part
from liferaft.data.failures import ArchiveMissing, NotAsSealed
from liferaft.data.images import FOLDER, Image, archive_path
from liferaft.data.sealed_objects import STORED
from liferaft.failures import Failure
from liferaft.moves import binding, release
from liferaft.moves.actions.parts import is_taken, taken
from liferaft.remote import Host
from liferaft.site.world import World

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class DeliverImage:
    """The operator's archives lie in the vault under this epoch and are loaded on one server."""

    server: str
    epoch: int

    async def holds(self, world: World) -> bool:
        """Loaded, and whole in the vault: a name in a listing is not believed."""
        if not await _operators_are_loaded(world, self.server):
            return False
        host = await world.servers.host(self.server)
        images = await binding.images(world)
        return all([await image.is_stored(host, epoch=self.epoch) for _, image in images])

    async def apply(self, world: World) -> Mapping[str, Any]:
        host = await world.servers.host(self.server)
        sizes = {}
        for path, image in await binding.images(world):
            if not await image.has_archive(host):
                await _put(host, path, image)
            part = await image.snapshot(host, epoch=self.epoch, marker=world.run.name)
            await image.restore(host, part, marker=world.run.name)
            sizes[image.name] = part.size
        return {"images": sizes}

    async def prove(self, world: World) -> None:
        """The archive's digest was checked where it is loaded, and in the vault."""


@dataclass(frozen=True)
class KeepImages:
    """The recovery point names the images that run now; the vault has them since the deploy, so
    that no archive is asked for while they are whole there. What the operator has built since, and
    not deployed, is none of them."""

    epoch: int
    point: str

    async def holds(self, world: World) -> bool:
        found = [
            await is_taken(world, image, epoch=self.epoch, point=self.point)
            for image in await self._running(world)
        ]
        return all(found)

    async def apply(self, world: World) -> Mapping[str, Any]:
        host = await world.servers.host(world.site.roster.app[0].name)
        parts = [await self._taken(world, host, image) for image in await self._running(world)]
        await asyncio.to_thread(self._note, world, parts)
        return {}

    async def _taken(self, world: World, host: Host, image: Image) -> Part:
        try:
            return await taken(world, host, image, epoch=self.epoch, point=self.point)
        except ArchiveMissing as missing:
            await _from_the_operator(world, host, image, missing)
            return await taken(world, host, image, epoch=self.epoch, point=self.point)

    def _note(self, world: World, parts: Sequence[Part]) -> None:
        """One that was damaged and brought again lies in the vault otherwise than it was noted."""
        noted = release.newest(world.site.vault, self.epoch)
        if noted is not None and [_lies(part) for part in noted.images] != list(map(_lies, parts)):
            again = dataclasses.replace(noted, images=tuple(parts))
            release.note(world.site.vault, self.epoch, world.run.name, again)

    async def prove(self, world: World) -> None:
        """The part was read in the vault, whole."""

    async def _running(self, world: World) -> list[Image]:
        noted = await asyncio.to_thread(release.newest, world.site.vault, self.epoch)
        if noted is None:
            return [image for _, image in await binding.images(world)]
        return [image for _, image in await in_vault(world, noted.images)]


@dataclass(frozen=True)
class LoadImage:
    """These images are loaded on one server, pulled from the vault: the operator's own copies may
    be gone with the laptop. `images`: parts, as JSON values."""

    server: str
    images: tuple[Mapping[str, Any], ...]

    async def holds(self, world: World) -> bool:
        host = await world.servers.host(self.server)
        return all([await image.is_loaded(host) for _, image in await self._parts(world)])

    async def apply(self, world: World) -> Mapping[str, Any]:
        host = await world.servers.host(self.server)
        for part, image in await self._parts(world):
            try:
                await image.restore(host, part, marker=world.run.name)
            except NotAsSealed as damage:
                await _from_the_operator(world, host, image, damage)
                await image.restore(host, part, marker=world.run.name)
        return {}

    async def prove(self, world: World) -> None:
        """The archive's digest is checked before it is loaded."""

    async def _parts(self, world: World) -> list[tuple[Part, Image]]:
        return await in_vault(world, [Part.from_json(image) for image in self.images])


@dataclass(frozen=True)
class PullImage:
    """The images that were delivered under this epoch are loaded on one more server."""

    server: str
    epoch: int

    async def holds(self, world: World) -> bool:
        return await _operators_are_loaded(world, self.server)

    async def apply(self, world: World) -> Mapping[str, Any]:
        host = await world.servers.host(self.server)
        for path, image in await binding.images(world):
            part = Part(
                kind=image.kind,
                name=image.name,
                epoch=self.epoch,
                taken_at="",
                size=path.stat().st_size,
                facts={"digest": image.digest},
            )
            await image.restore(host, part, marker=world.run.name)
        return {}

    async def prove(self, world: World) -> None:
        """The archive's digest is checked before it is loaded."""


async def _from_the_operator(world: World, host: Host, image: Image, damage: Failure) -> None:
    """The operator's own archive, where it has the same content: put on the server."""
    there = [path for path in world.site.config.app.images if path.is_file()]
    for path in there:
        if await asyncio.to_thread(binding.digest, path) == image.digest:
            _log.warning("%s %s has the same content and is used.", damage, path)
            await _put(host, path, image)
            return
    raise damage


async def _put(host: Host, path: Path, image: Image) -> None:
    await host.run(["install", "-d", "-m", "700", FOLDER], deadline=30)
    content = await asyncio.to_thread(path.read_bytes)
    await host.put(archive_path(image.digest), content, mode=0o600)


def _lies(part: Part) -> Any:
    return part.facts.get(STORED)


async def _operators_are_loaded(world: World, server: str) -> bool:
    host = await world.servers.host(server)
    return all([await image.is_loaded(host) for _, image in await binding.images(world)])


async def in_vault(world: World, parts: Sequence[Part]) -> list[tuple[Part, Image]]:
    """What the vault holds, without the operator's files."""
    over = await binding.sealed(world)
    return [
        (part, Image(part.name, part.facts["digest"], over, tuple(part.facts.get("names", ()))))
        for part in parts
    ]
