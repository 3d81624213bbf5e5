"""Buckets in a move: kept in the vault; copied behind at the new site, while the app runs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from liferaft.data.bucket import keepers
from liferaft.data.bucket.config import BucketConfig
from liferaft.data.bucket.trial_sample import SampleObjects
from liferaft.data.bucket.trial_write import PutObjectOnTrial
from liferaft.data.failures import NotVerified
from liferaft.data.kind import DataPlace, Kind, Origin
from liferaft.data.parts import RestorePart, keep_part, restore_part
from liferaft.plan.milestones import Hung, Milestone
from liferaft.plan.step import Step
from liferaft.site.epochs import require_epoch
from liferaft.site.world import World

FIRST_COPY_SECONDS = 20.0
"""A copy that takes longer goes on by itself; one that failed has said so by then."""


def of_deploy(at: DataPlace) -> Iterator[Hung]:
    """Kept from the moment at which this site's data takes writes."""
    yield Hung(_keeper(at), Milestone.WRITABLE)


def of_snapshot(kind: Kind[Any], at: DataPlace, point: str) -> Iterator[Step]:
    """What is new since the last copy."""
    yield Step(
        f"bucket-{at.name}",
        f"Copy what is new in bucket {at.name}",
        keep_part(kind, at, point),
        deadline=6 * 3600,
    )


def of_failover(kind: Kind[Any], at: DataPlace, origin: Origin[Any]) -> Iterator[Hung]:
    """Behind: users need the application first, which fills the bucket itself meanwhile. What rows
    name comes first: they are read where the database is."""
    yield Hung(_copy(kind, at, origin), Milestone.PROVED)
    yield Hung(_keeper(at), Milestone.PROVED)


def of_drill(kind: Kind[Any], at: DataPlace, origin: Origin[Any]) -> Iterator[Hung]:
    """The same copy, and nobody keeps it. What it brought is sampled, and the bucket takes what the
    application puts there."""
    copy = _copy(kind, at, origin, CopyOnTrial)
    yield Hung(copy, Milestone.PROVED)
    sampled = Step(
        f"sample-{at.name}",
        f"Read some of what came back of bucket {at.name}: what rows name, where they do",
        _copy(kind, at, origin, SampleObjects).action,
        needs=(copy.name,),
        deadline=3900,
    )
    yield Hung(sampled, Milestone.PROVED)
    write = Step(
        f"write-{at.name}",
        f"Put an object into bucket {at.name}, read it and delete it",
        PutObjectOnTrial(at.name, kind.server(at.roster), at.epoch),
        deadline=180,
    )
    yield Hung(write, Milestone.PROVED)


def _copy(
    kind: Kind[Any],
    at: DataPlace,
    origin: Origin[Any],
    copying: type[RestorePart] = RestorePart,
) -> Step:
    told = at.config.data[at.name]
    assert isinstance(told, BucketConfig)
    action = restore_part(kind, at, origin, copying)
    if told.references:
        action = replace(action, server=at.roster.database.name)
    as_of = f", as of {origin.facts.until}" if origin.facts else ""
    return Step(
        f"bucket-{at.name}",
        f"Copy bucket {at.name} behind, from the vault{as_of}",
        action,
        deadline=24 * 3600,
    )


def _keeper(at: DataPlace) -> Step:
    return Step(
        f"keeper-{at.name}",
        f"Keep bucket {at.name} in the vault continuously",
        KeepContinuously(at.name, at.epoch),
        deadline=120,
    )


@dataclass(frozen=True)
class KeepContinuously:
    """What is new in the site's bucket goes into every vault at once, and the archive there waits
    for it.

    Only a site that reigns keeps its bucket: before, it would fill an epoch that is not its own.
    """

    name: str
    epoch: int

    async def holds(self, world: World) -> bool:
        host = await world.servers.host(world.site.roster.database.name)
        buckets = await keepers.kept_buckets(world, self.name)
        return await keepers.are_keeping(host, buckets, self.epoch)

    async def apply(self, world: World) -> Mapping[str, Any]:
        await require_epoch(world, self.epoch, world.site.name)
        host = await world.servers.host(world.site.roster.database.name)
        buckets = await keepers.kept_buckets(world, self.name)
        await keepers.start_keepers(host, buckets, self.epoch)
        return await keepers.first_copies(host, buckets, patience=FIRST_COPY_SECONDS)

    async def prove(self, world: World) -> None:
        """They wrote down their first copies, or are at work on large ones: `apply` asked the
        server."""


@dataclass(frozen=True)
class CopyOnTrial(RestorePart):
    """The bucket is copied while the site that reigns fills its own, and the vaults with it: what
    came there after the copy was made lacks, and is no fault. What lacks has to be there once the
    copy was gone on with."""

    async def prove(self, world: World) -> None:
        try:
            await super().prove(world)
        except NotVerified as before:
            lacking = _lacking(before)
            if not lacking:
                raise
            data, part = await self._data(world), await self._part(world)
            host = await world.servers.host(self.server)
            await data.restore(host, part, marker=f"{self.marker}/again")
            try:
                await super().prove(world)
            except NotVerified as after:
                if lacking & _lacking(after):
                    raise


def _lacking(failure: NotVerified) -> set[str]:
    """The first objects that lack, by name."""
    return set(filter(None, failure.facts.details.get("missing", "").split(", ")))
