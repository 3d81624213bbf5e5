"""Which site reigns."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from liferaft.failures import Held, Own
from liferaft.moves.reign import FIRST_EPOCH
from liferaft.site.world import World
from liferaft.vault import EpochRecord, require_witness


@dataclass(frozen=True)
class ClaimEpoch:
    """The site reigns under this number. The first epoch is claimed by the first deploy; each
    later one ends the reign before it and is the point of no return of its move. The first is
    only claimed in a vault that was seen to refuse what would make two sites reign."""

    epoch: int
    site: str

    async def holds(self, world: World) -> bool:
        """Whether this site holds exactly this epoch, and no higher one exists."""
        current = await asyncio.to_thread(world.site.epochs.current)
        return current is not None and (current.epoch, current.site) == (self.epoch, self.site)

    async def apply(self, world: World) -> Mapping[str, Any]:
        if self.epoch == FIRST_EPOCH:  # once in an application's life: its vault is new to us
            await asyncio.to_thread(require_witness, world.site.vault)
        record = EpochRecord(self.epoch, self.site, world.run.name, datetime.now(UTC).isoformat())
        claimed = await asyncio.to_thread(world.site.epochs.claim, record)
        return {"epoch": claimed.epoch, "at": claimed.at}

    async def prove(self, world: World) -> None:
        await require_reign(world, self.epoch, self.site)


async def require_reign(world: World, epoch: int, site: str) -> None:
    """Raise Held unless this site still holds the highest epoch: a superseded run stops."""
    current = await asyncio.to_thread(world.site.epochs.current)
    if current is None or (current.epoch, current.site) != (epoch, site):
        reigns = f"epoch {current.epoch} at {current.site}" if current else "no epoch at all"
        raise Held(
            f"This run works for epoch {epoch} at {site}, but the vault shows {reigns}",
            safe=Own("This step was not done."),
            do="Somebody else has moved the application: look at `liferaft status`.",
        )


async def require_no_reign(world: World, site: str) -> None:
    """Raise Held if this site reigns: what would be deleted is in use."""
    current = await asyncio.to_thread(world.site.epochs.current)
    if current is not None and current.site == site:
        raise Held(
            f"{site} reigns by now, epoch {current.epoch}",
            safe=Own("This step was not done."),
            do="Somebody else has moved the application: look at `liferaft status`.",
        )
