"""Which site reigns, asked again before something is done that only that site may do, or never."""

import asyncio
from typing import TYPE_CHECKING, Final

from liferaft.failures import Held, Own

if TYPE_CHECKING:
    from liferaft.site.world import World

FIRST_EPOCH: Final = 1


async def require_epoch(world: "World", epoch: int, site: str) -> None:
    """Raise Held unless this site still holds the highest epoch: a superseded run stops."""
    current = await asyncio.to_thread(world.site.epochs.current)
    if current is None or (current.epoch, current.site) != (epoch, site):
        shown = f"epoch {current.epoch} at {current.site}" if current else "no epoch at all"
        raise Held(
            f"This run works for epoch {epoch} at {site}, but the vault shows {shown}",
            safe=Own("This step was not done."),
            do="Somebody else has moved the application: look at `liferaft status`.",
        )


async def require_not_current(world: "World", site: str) -> None:
    """Raise Held if this site reigns: what would be deleted is in use."""
    current = await asyncio.to_thread(world.site.epochs.current)
    if current is not None and current.site == site:
        raise Held(
            f"{site} reigns by now, epoch {current.epoch}",
            safe=Own("This step was not done."),
            do="Somebody else has moved the application: look at `liferaft status`.",
        )
