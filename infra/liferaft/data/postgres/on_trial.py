"""PostgreSQL in a drill: restored as in a failover, then a copy that must not reign."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from liferaft.data.kind import DataPlace, Kind, Origin
from liferaft.data.parts import restore_part
from liferaft.data.postgres.binding import postgres
from liferaft.data.postgres.dataset import Postgres
from liferaft.data.postgres.facts import Timeline
from liferaft.data.postgres.steps import restored
from liferaft.data.postgres.trial_digests import CompareRowsOnTrial
from liferaft.plan.milestones import Hung, Milestone
from liferaft.plan.step import Step
from liferaft.remote import Host
from liferaft.site.world import World


def of_drill(
    kind: Kind[Any], at: DataPlace, origin: Origin[Any], facts: Timeline
) -> Iterator[Hung]:
    """The same standby and replay; then it takes writes as a copy that archives nothing."""
    yield from restored(kind, at, origin, facts)
    promote = Step(
        "promote",
        "Let the copy take writes, its archive switched off for good",
        PromoteCopy(at.name, kind.server(at.roster), at.epoch),
        needs=("replay",),
        deadline=180,
    )
    yield Hung(promote, Milestone.FENCED, before=(Milestone.WRITABLE,))
    write = Step(
        f"write-{at.name}",
        f"Write to the copy of database {at.name}, and read it again",
        WriteRowOnTrial(at.name, kind.server(at.roster), at.epoch),
        deadline=120,
    )
    yield Hung(write, Milestone.PROVED)
    digests = Step(
        f"digests-{at.name}",
        f"Compare rows of database {at.name} with the digests of recovery point {origin.point}, in "
        "a second restore to that moment",
        restore_part(kind, at, origin, CompareRowsOnTrial),
        deadline=3 * 3600,
    )
    yield Hung(digests, Milestone.PROVED)


@dataclass(frozen=True)
class PromoteCopy:
    """The standby takes writes as a copy on trial, and has nothing to archive them with."""

    name: str
    server: str
    epoch: int

    async def holds(self, world: World) -> bool:
        host, data = await _opened(world, self)
        return await data.is_promoted_copy(host)

    async def apply(self, world: World) -> Mapping[str, Any]:
        host, data = await _opened(world, self)
        beat = await data.last_heartbeat(host, before=self.epoch)
        left = await data.promote_copy(host)
        return {
            "recovered_until": beat.at.timestamp(),
            "recovered_epoch": beat.epoch,
            "left_sequences": list(left),
        }

    async def prove(self, world: World) -> None:
        """It took a write: sequences moved after it was promoted."""


@dataclass(frozen=True)
class WriteRowOnTrial:
    """The copy takes writes: of the application's role, and a row of liferaft's own."""

    name: str
    server: str
    epoch: int

    async def holds(self, world: World) -> bool:
        host, data = await _opened(world, self)
        return await data.has_written(host)

    async def apply(self, world: World) -> Mapping[str, Any]:
        host, data = await _opened(world, self)
        await data.write_and_read(host)
        return {}

    async def prove(self, world: World) -> None:
        """Asked for by a session of its own: it was committed."""
        host, data = await _opened(world, self)
        await data.require_written(host)


async def _opened(world: World, action: PromoteCopy | WriteRowOnTrial) -> tuple[Host, Postgres]:
    host = await world.servers.host(action.server)
    return host, await postgres(world, action.name, action.epoch)
