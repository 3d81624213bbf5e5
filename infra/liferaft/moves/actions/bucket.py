"""Buckets: kept in the vault; copied behind at the new site, while the application runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from liferaft.data import bucket_keeper
from liferaft.data.bucket import Bucket, Progress, names_file
from liferaft.moves import binding
from liferaft.moves.actions.epoch import require_reign
from liferaft.moves.actions.parts import is_taken, part_of_point, taken
from liferaft.moves.telling import TOLD
from liferaft.site.world import World

FIRST_COPY_SECONDS = 20.0
"""A copy that takes longer goes on by itself; one that failed has said so by then."""


NAMED = 20
"""Objects that are told by name, of each sort; the recovery point has a hundred, the server all."""


def not_kept(bucket: str, facts: Mapping[str, Any]) -> tuple[str, ...]:
    """What a snapshot has to tell of objects that are not in the vault, or not whole. Pure."""
    said = []
    if facts.get("left_out_count"):
        head = f"Not kept of bucket {bucket}: {facts['left_out_count']} objects"
        file = names_file(bucket, "not-kept")
        said.append(_listed(head, facts["left_out"], facts["left_out_count"], file))
    if facts.get("lacking_count"):
        head = f"Kept of bucket {bucket}, but not all that belongs to them"
        head, file = f"{head}: {facts['lacking_count']} objects", names_file(bucket, "lacking")
        said.append(_listed(head, facts["lacking"], facts["lacking_count"], file))
    if facts.get("lists_unreadable"):
        said.append(
            f"Bucket {bucket}: who else may read its objects could not be asked; restored, nobody"
            " else may."
        )
    return tuple(said)


def not_restored(bucket: str, done: Progress) -> tuple[str, ...]:
    """What a restore has to tell of objects that stay in the vault. Pure."""
    if not done.not_restored_count:
        return ()
    head = f"Not restored to bucket {bucket}: {done.not_restored_count} objects, still in the vault"
    file = names_file(bucket, "not-restored")
    return (_listed(head, done.not_restored, done.not_restored_count, file),)


def _listed(head: str, named: Mapping[str, str], count: int, rest: str) -> str:
    rows = [f"  {key!r}: {why}" for key, why in list(named.items())[:NAMED]]
    more = (
        [f"  and {count - len(rows)} more: on the server, in {rest}"] if count > len(rows) else []
    )
    return "\n".join([head, *rows, *more])


def _told(said: tuple[str, ...]) -> Mapping[str, Any]:
    return {TOLD: list(said)} if said else {}


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
        host = await world.servers.host(world.site.roster.edge.name)
        bucket = await binding.bucket(world, self.name)
        part = await taken(world, host, bucket, epoch=self.epoch, point=self.point)
        left_out = not_kept(self.name, part.facts)
        return {"bytes": part.size, "objects": part.facts["count"], **_told(left_out)}

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
        host = await world.servers.host(world.site.roster.database.name)
        return await bucket_keeper.is_keeping(
            host, await binding.bucket(world, self.name), self.epoch
        )

    async def apply(self, world: World) -> Mapping[str, Any]:
        await require_reign(world, self.epoch, world.site.name)
        host = await world.servers.host(world.site.roster.database.name)
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
        host = await world.servers.host(world.site.roster.edge.name)
        bucket = await self._bucket(world)
        return await bucket.is_restored(host, part, marker=self.point)

    async def apply(self, world: World) -> Mapping[str, Any]:
        part = await part_of_point(world, self.point_epoch, self.point, "bucket", self.name)
        host = await world.servers.host(world.site.roster.edge.name)
        bucket = await self._bucket(world)
        await bucket.restore(host, part, marker=self.point)
        done = await bucket.copied(host, part, marker=self.point, deadline=23 * 3600)
        left = not_restored(self.name, done)
        return {"bytes": done.size, "objects": done.objects, **_told(left)}

    async def prove(self, world: World) -> None:
        part = await part_of_point(world, self.point_epoch, self.point, "bucket", self.name)
        host = await world.servers.host(world.site.roster.edge.name)
        await (await self._bucket(world)).verify(host, part)

    async def _bucket(self, world: World) -> Bucket:
        later = tuple(range(self.point_epoch + 1, self.old + 1))
        return await binding.bucket(world, self.name, later)
