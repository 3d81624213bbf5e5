"""The manifest: written last, it makes a recovery point of its parts."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from liferaft.data.contract import Part
from liferaft.moves.actions.parts import parts_of, point_named
from liferaft.recovery import point as points
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
            await point_named(world, self.epoch, self.point)
        except (KeyMissing, Damaged):
            return False
        return True

    async def apply(self, world: World) -> Mapping[str, Any]:
        parts = await parts_of(world, self.epoch, self.point)
        manifest = RecoveryPoint(
            name=self.point,
            app=world.site.config.app.name,
            epoch=self.epoch,
            site=self.site,
            taken_at=datetime.now(UTC).isoformat(),
            platform=_platform(parts),
            parts=parts,
        )
        await asyncio.to_thread(points.publish, world.site.vault, manifest)
        return {"point": self.point, "bytes": sum(part.size for part in manifest.parts)}

    async def prove(self, world: World) -> None:
        await point_named(world, self.epoch, self.point)


def _platform(parts: Collection[Part]) -> Mapping[str, str]:
    """As it was measured where the database was backed up."""
    measured: Mapping[str, str] = next(
        (part.facts["platform"] for part in parts if part.kind == "postgres"), {}
    )
    return measured
