"""The operator's images are brought to the vault, through the first server that runs them."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from liferaft.data.container_images import operator
from liferaft.data.container_images.binding import of_operator
from liferaft.data.container_images.bringing import told_of
from liferaft.data.every_vault import not_taken
from liferaft.plan.telling import TOLD
from liferaft.site.world import World


@dataclass(frozen=True)
class DeliverContainerImages:
    """The operator's archives lie in the vault under this epoch and are loaded on one server."""

    server: str
    epoch: int

    async def holds(self, world: World) -> bool:
        """Loaded, and whole in every vault: a name in a listing is not believed."""
        host = await world.servers.host(self.server)
        images = [image for _, image in await of_operator(world)]
        if not all([await image.is_loaded(host) for image in images]):
            return False
        return all([await image.is_stored(host, epoch=self.epoch) for image in images])

    async def apply(self, world: World) -> Mapping[str, Any]:
        host = await world.servers.host(self.server)
        sizes, told, brought = {}, list[str](), {}
        for path, image in await of_operator(world):
            if not await image.has_archive(host):
                await operator.put(host, path, image.first)
            part = await image.snapshot(host, epoch=self.epoch, marker=world.run.name)
            await image.restore(host, part)
            sizes[image.name] = part.size
            told += not_taken(part)
            if noted := await asyncio.to_thread(told_of, path):
                brought[noted["source"]] = noted["digest"]
        done = {"images": sizes, "brought": brought, TOLD: told}
        return {name: value for name, value in done.items() if value or name == "images"}

    async def prove(self, world: World) -> None:
        """The archive's digest was checked where it is loaded, and in the vault."""
