"""Buckets: copied into the vault; copied behind at the new site, while the application runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from liferaft.moves import binding
from liferaft.moves.actions.parts import has_part, keep_part, part_of_point
from liferaft.moves.roster import roster
from liferaft.moves.world import World


@dataclass(frozen=True)
class KeepBucket:
    """What is new in the site's bucket lies in the vault."""

    name: str
    epoch: int
    point: str

    async def holds(self, world: World) -> bool:
        return await has_part(world, self.epoch, self.point, "bucket", self.name)

    async def apply(self, world: World) -> Mapping[str, Any]:
        host = await world.host(roster(world.config).edge.name)
        bucket = await binding.bucket(world, self.name)
        part = await bucket.snapshot(host, epoch=self.epoch, marker=self.point)
        await keep_part(world, self.point, part)
        return {"bytes": part.size, "objects": part.facts["count"]}

    async def prove(self, world: World) -> None:
        """The part was counted in the vault, by listing it."""


@dataclass(frozen=True)
class RestoreBucket:
    """Everything that the recovery point counted is in the new site's bucket."""

    name: str
    point_epoch: int
    point: str

    async def holds(self, world: World) -> bool:
        part = await part_of_point(world, self.point_epoch, self.point, "bucket", self.name)
        host = await world.host(roster(world.config).edge.name)
        bucket = await binding.bucket(world, self.name)
        return await bucket.is_restored(host, part, marker=self.point)

    async def apply(self, world: World) -> Mapping[str, Any]:
        part = await part_of_point(world, self.point_epoch, self.point, "bucket", self.name)
        host = await world.host(roster(world.config).edge.name)
        bucket = await binding.bucket(world, self.name)
        await bucket.restore(host, part, marker=self.point)
        done = await bucket.copied(host, part, marker=self.point, deadline=23 * 3600)
        return {"bytes": done.size, "objects": done.objects}

    async def prove(self, world: World) -> None:
        part = await part_of_point(world, self.point_epoch, self.point, "bucket", self.name)
        host = await world.host(roster(world.config).edge.name)
        await (await binding.bucket(world, self.name)).verify(host, part)
