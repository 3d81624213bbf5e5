"""The manifest: written last, it makes a recovery point of its parts."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from liferaft.recovery import point as points
from liferaft.recovery.parts import parts_of, point_named
from liferaft.recovery.point import RecoveryPoint
from liferaft.site.world import World
from liferaft.vault import Damaged, KeyMissing


@dataclass(frozen=True)
class PublishPoint:
    """The recovery point counts: its manifest is in the vault."""

    site: str
    epoch: int
    point: str

    async def holds(self, world: World) -> bool:
        """It was read: one that is damaged is written again."""
        try:
            await asyncio.to_thread(point_named, world.site.vault, self.epoch, self.point)
        except (KeyMissing, Damaged):
            return False
        return True

    async def apply(self, world: World) -> Mapping[str, Any]:
        parts = await asyncio.to_thread(parts_of, world.site.vault, self.epoch, self.point)
        manifest = RecoveryPoint(
            name=self.point,
            app=world.site.config.app.name,
            epoch=self.epoch,
            site=self.site,
            taken_at=datetime.now(UTC).isoformat(),
            parts=parts,
        )
        await asyncio.to_thread(points.publish, world.site.vault, manifest)
        return {"point": self.point, "bytes": sum(part.size for part in manifest.parts)}

    async def prove(self, world: World) -> None:
        await asyncio.to_thread(point_named, world.site.vault, self.epoch, self.point)
