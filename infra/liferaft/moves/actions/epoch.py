"""The site takes its epoch."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from liferaft.clouds.systems import System
from liferaft.site.epochs import FIRST_EPOCH, require_epoch
from liferaft.site.world import World
from liferaft.vault import EpochRecord, require_witnesses


@dataclass(frozen=True)
class ClaimEpoch:
    """The site reigns under this number. The first epoch is claimed by the first deploy; each
    later one ends the epoch before it and is the point of no return of its move. The first is
    only claimed in a vault that was seen to refuse what would make two sites reign."""

    epoch: int
    site: str
    system: System
    """What the servers of the epoch run."""

    async def holds(self, world: World) -> bool:
        """Whether this site holds exactly this epoch, and no higher one exists."""
        current = await asyncio.to_thread(world.site.epochs.current)
        return current is not None and (current.epoch, current.site) == (self.epoch, self.site)

    async def apply(self, world: World) -> Mapping[str, Any]:
        if self.epoch == FIRST_EPOCH:  # once in an application's life: its vault is new to us
            await asyncio.to_thread(require_witnesses, world.site.vault)
        now = datetime.now(UTC).isoformat()
        record = EpochRecord(self.epoch, self.site, world.run.name, now, system=self.system)
        claimed = await asyncio.to_thread(world.site.epochs.claim, record)
        return {"epoch": claimed.epoch, "at": claimed.at}

    async def prove(self, world: World) -> None:
        await require_epoch(world, self.epoch, self.site)
