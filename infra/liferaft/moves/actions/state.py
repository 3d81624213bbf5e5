"""A copy of the engine's state in each recovery point."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from liferaft.recovery.part import Part
from liferaft.recovery.parts import has_part, note_part
from liferaft.site.world import World
from liferaft.vault.layout import EpochKeys

KIND = "state"


@dataclass(frozen=True)
class KeepState:
    """The site's stack, as `pulumi stack export` shows it with its secrets sealed, is kept."""

    site: str
    epoch: int
    point: str

    async def holds(self, world: World) -> bool:
        return await asyncio.to_thread(
            has_part, world.site.vault, self.epoch, self.point, kind=KIND, name=self.site
        )

    async def apply(self, world: World) -> Mapping[str, Any]:
        deployment = json.dumps(await world.site.deployment()).encode()
        key = EpochKeys(self.epoch).state(self.point, self.site)
        await asyncio.to_thread(world.site.vault.put, key, deployment)
        part = Part(
            KIND,
            self.site,
            self.epoch,
            datetime.now(UTC).isoformat(),
            len(deployment),
            {"key": key},
        )
        await asyncio.to_thread(note_part, world.site.vault, self.point, part)
        return {"bytes": part.size}

    async def prove(self, world: World) -> None:
        """The vault is durable on return, and the state itself lies beside the copy."""
