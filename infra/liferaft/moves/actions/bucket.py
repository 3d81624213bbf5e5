"""Buckets: kept in the vault; copied behind at the new site, while the application runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from liferaft.data import bucket_keeper
from liferaft.data.bucket import Bucket
from liferaft.moves import binding
from liferaft.moves.actions.epoch import require_reign
from liferaft.moves.actions.parts import is_taken, part_of_point, taken
from liferaft.moves.roster import roster
from liferaft.moves.world import World

FIRST_COPY_SECONDS = 20.0
"""A copy that takes longer goes on by itself; one that failed has said so by then."""


@dataclass(frozen=True)
class KeepBucket:
    """What is new in the site's bucket lies in the vault."""

    name: str
    epoch: int
    point: str

    async def holds(self, world: World) -> bool:
        bucket = await binding.bucket(world, self.name)
        return await is_taken(world, bucket, epoch=self.epoch, point=self.point)

    async def apply(self, world: World) -> Mapping[str, Any]:
        host = await world.host(roster(world.config).edge.name)
        bucket = await binding.bucket(world, self.name)
        part = await taken(world, host, bucket, epoch=self.epoch, point=self.point)
        return {"bytes": part.size, "objects": part.facts["count"]}

    async def prove(self, world: World) -> None:
        """The part was counted in the vault, by listing it."""


@dataclass(frozen=True)
class KeepContinuously:
    """What is new in the site's bucket goes into the vault at once, and the archive waits for it.

    Only a site that reigns keeps its bucket: before, it would fill a reign that is not its own.
    """

    name: str
    epoch: int

    async def holds(self, world: World) -> bool:
        host = await world.host(roster(world.config).database.name)
        return await bucket_keeper.is_keeping(
            host, await binding.bucket(world, self.name), self.epoch
        )

    async def apply(self, world: World) -> Mapping[str, Any]:
        await require_reign(world, self.epoch, world.site)
        host = await world.host(roster(world.config).database.name)
        bucket = await binding.bucket(world, self.name)
        await bucket_keeper.keeping(host, bucket, self.epoch)
        return {"whole": await bucket_keeper.kept(host, bucket, patience=FIRST_COPY_SECONDS)}

    async def prove(self, world: World) -> None:
        """It wrote down its first copy, or is at work on a large one: `apply` asked the server."""


@dataclass(frozen=True)
class RestoreBucket:
    """Everything that the vault holds is in the new site's bucket: what the recovery point counted,
    and what was kept since, up to the last reign (`old`)."""

    name: str
    point_epoch: int
    point: str
    old: int

    async def holds(self, world: World) -> bool:
        part = await part_of_point(world, self.point_epoch, self.point, "bucket", self.name)
        host = await world.host(roster(world.config).edge.name)
        bucket = await self._bucket(world)
        return await bucket.is_restored(host, part, marker=self.point)

    async def apply(self, world: World) -> Mapping[str, Any]:
        part = await part_of_point(world, self.point_epoch, self.point, "bucket", self.name)
        host = await world.host(roster(world.config).edge.name)
        bucket = await self._bucket(world)
        await bucket.restore(host, part, marker=self.point)
        done = await bucket.copied(host, part, marker=self.point, deadline=23 * 3600)
        return {"bytes": done.size, "objects": done.objects}

    async def prove(self, world: World) -> None:
        part = await part_of_point(world, self.point_epoch, self.point, "bucket", self.name)
        host = await world.host(roster(world.config).edge.name)
        await (await self._bucket(world)).verify(host, part)

    async def _bucket(self, world: World) -> Bucket:
        later = tuple(range(self.point_epoch + 1, self.old + 1))
        return await binding.bucket(world, self.name, later)
