"""What was started is noted in the vault, for the next failover and the next deploy."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from liferaft.data.container_images.binding import of_operator
from liferaft.hosts.marks import Services, marked
from liferaft.recovery import release
from liferaft.recovery.part import Part
from liferaft.recovery.release import Release
from liferaft.site import own_secrets
from liferaft.site.workload import wanted
from liferaft.site.world import World
from liferaft.vault import Damaged

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class NoteRelease:
    """The vault says what runs: a failover starts the same, whatever the newest recovery point
    holds. After the workload started: one that does not start is never what a failover starts.

    images: parts that are in the vault, as JSON values; None for the operator's own archives.
    """

    epoch: int
    images: tuple[Mapping[str, Any], ...] | None = None

    async def holds(self, world: World) -> bool:
        try:
            noted = await asyncio.to_thread(release.of_epoch, world.site.vault, self.epoch)
        except Damaged as damage:
            _log.warning("%s. It is written anew.", damage)
            return False
        return (
            noted is not None
            and noted.digests == await self._digests(world)
            and noted.services == await _services(world)
            and await self._are_as_noted(world, noted)
        )

    async def _are_as_noted(self, world: World, noted: Release) -> bool:
        """An image that was brought again lies there otherwise than it was noted."""
        if self.images is not None:
            return True
        host = await world.servers.host(world.site.roster.app[0].name)
        for part, (_, image) in zip(noted.images, await of_operator(world), strict=True):
            if not image.is_as_noted(part, await image.stored_as(host, epoch=self.epoch)):
                return False
        return True

    async def apply(self, world: World) -> Mapping[str, Any]:
        parts = await self._parts(world)
        moment = datetime.now(UTC).isoformat(timespec="seconds")
        started = Release(moment, tuple(parts), await _services(world))
        await asyncio.to_thread(release.note, world.site.vault, self.epoch, world.run.name, started)
        return {"images": {part.name: part.facts["digest"] for part in parts}}

    async def prove(self, world: World) -> None:
        """Each part was measured in the vault, by listing it, before the note was written."""

    async def _digests(self, world: World) -> set[str]:
        if self.images is None:
            return {image.digest for _, image in await of_operator(world)}
        return {image["facts"]["digest"] for image in self.images}

    async def _parts(self, world: World) -> list[Part]:
        if self.images is not None:
            return [Part.from_json(image) for image in self.images]
        host = await world.servers.host(world.site.roster.app[0].name)
        return [
            await image.snapshot(host, epoch=self.epoch, marker=world.run.name)
            for _, image in await of_operator(world)
        ]


async def _services(world: World) -> Services:
    key = (await world.site.secrets()).app_secret_key.get_secret_value()
    compose = await asyncio.to_thread(wanted, world.site.config)
    return marked(await own_secrets.as_told(world.site, compose), key)
