"""Buckets in a move: kept in the vault; copied behind at the new site, while the app runs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from liferaft.data.bucket import keeper
from liferaft.data.bucket.binding import bucket
from liferaft.data.kind import DataPlace, Kind, Origin
from liferaft.data.parts import keep_part, restore_part
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
    """Behind: users need the application first, which fills the bucket itself meanwhile."""
    copy = Step(
        f"bucket-{at.name}",
        f"Copy bucket {at.name} behind, from the vault",
        restore_part(kind, at, origin),
        deadline=24 * 3600,
    )
    yield Hung(copy, Milestone.PROVED)
    yield Hung(_keeper(at), Milestone.PROVED)


def _keeper(at: DataPlace) -> Step:
    return Step(
        f"keeper-{at.name}",
        f"Keep bucket {at.name} in the vault continuously",
        KeepContinuously(at.name, at.epoch),
        deadline=120,
    )


@dataclass(frozen=True)
class KeepContinuously:
    """What is new in the site's bucket goes into the vault at once, and the archive waits for it.

    Only a site that reigns keeps its bucket: before, it would fill an epoch that is not its own.
    """

    name: str
    epoch: int

    async def holds(self, world: World) -> bool:
        host = await world.servers.host(world.site.roster.database.name)
        return await keeper.is_keeping(host, await bucket(world, self.name), self.epoch)

    async def apply(self, world: World) -> Mapping[str, Any]:
        await require_epoch(world, self.epoch, world.site.name)
        host = await world.servers.host(world.site.roster.database.name)
        kept = await bucket(world, self.name)
        await keeper.start_keeper(host, kept, self.epoch)
        return {"whole": await keeper.wait_for_first_copy(host, kept, patience=FIRST_COPY_SECONDS)}

    async def prove(self, world: World) -> None:
        """It wrote down its first copy, or is at work on a large one: `apply` asked the server."""
