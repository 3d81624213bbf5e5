"""A site's infrastructure is deleted."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from liferaft.clouds.contract import Cloud
from liferaft.failures import VendorFailure
from liferaft.moves.actions.provision import quiet, require_ok
from liferaft.provision.orphans import Orphan, delete_orphans, orphans
from liferaft.recovery.destroyed import note_destroyed
from liferaft.site.bucket_name import foreseen_bucket
from liferaft.site.machine_images import machine_image_of
from liferaft.site.stack import request
from liferaft.site.world import World


class NotGone(VendorFailure):
    """The cloud still lists something of a site that was destroyed."""


@dataclass(frozen=True)
class DestroySite:
    """The cloud holds nothing of the site any more but the image that servers boot from; its pinned
    host keys are forgotten."""

    site: str
    epoch: int
    reigns: bool

    async def holds(self, world: World) -> bool:
        """Never said from here: `apply` finds that nothing is left to delete."""
        return False

    async def apply(self, world: World) -> Mapping[str, Any]:
        """First what a killed run left behind: it may still use what the state knows."""
        asked = await request(
            world.site, bucket=await foreseen_bucket(world.site), epoch=self.epoch
        )
        rows = (await world.site.deployment()).get("deployment", {}).get("resources", ())
        cloud = world.site.cloud()
        left = await self._orphans(world, cloud, known={row.get("id") for row in rows} - {None})
        await asyncio.to_thread(delete_orphans, cloud, left)
        outcome = await world.site.engine.destroy(asked, quiet)
        world.site.forget_outputs()
        require_ok(outcome, self.site, goal="deleted whole")
        if self.reigns:
            await note_destroyed(world.site.vault, self.epoch, world.site.name)
        await world.servers.drop_pins()
        return {
            "changes": dict(outcome.changes),
            "orphans": [f"{orphan.kind} {orphan.name}" for orphan in left],
            "unchanged": not outcome.changes and not left,
        }

    async def prove(self, world: World) -> None:
        """The cloud itself is asked for everything that carries the site's labels."""
        left = await self._orphans(world, world.site.cloud(), known=())
        if left:
            raise NotGone(
                f"Site {self.site} was deleted, but its cloud still lists "
                + ", ".join(f"{orphan.kind} {orphan.name} ({orphan.id})" for orphan in left),
                safe="What lies in the vaults is untouched.",
                do="Run the same command again.",
            )

    async def _orphans(
        self, world: World, cloud: Cloud, *, known: Collection[str]
    ) -> tuple[Orphan, ...]:
        """The site's machine image is none: another command made it, and the next site needs it."""
        image = await asyncio.to_thread(machine_image_of, world.site.vault, self.site)
        spared = {*known, image.id} if image else known
        app = world.site.config.app.name
        return await asyncio.to_thread(orphans, cloud, app=app, site=self.site, known=spared)
