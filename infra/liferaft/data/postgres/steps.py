"""PostgreSQL in a move: set up, backed up, restored as a standby, replayed, made the primary."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from liferaft.data.kind import DataPlace, Kind, Origin
from liferaft.data.parts import keep_part, restore_part
from liferaft.data.postgres import vaults
from liferaft.data.postgres.binding import postgres
from liferaft.data.postgres.dataset import Postgres
from liferaft.data.postgres.facts import Timeline
from liferaft.data.postgres.replay import Replayed, ReplayProgress, replay_seconds
from liferaft.data.postgres.timeline import keep_timeline
from liferaft.plan.milestones import Hung, Milestone
from liferaft.plan.step import Step
from liferaft.plan.telling import TOLD, tell_meanwhile
from liferaft.remote import Host
from liferaft.remote.acts import HostActFailed
from liferaft.remote.waiting import wait_until
from liferaft.site.promotion import is_promoted
from liferaft.site.world import World

FIRST_BEAT_SECONDS = 20.0
LOOKING_SECONDS = 300.0
"""Of a replay's step, for its questions before and after."""


def of_deploy(kind: Kind[Any], at: DataPlace) -> Iterator[Hung]:
    """The primary is set up before the application starts."""
    server = kind.server(at.roster)
    step = Step(
        "database",
        "Set up PostgreSQL and its archive in the vault",
        ConfigureDatabase(at.name, server, at.epoch),
        deadline=300,
    )
    yield Hung(step, Milestone.EQUIPPED, before=(Milestone.WRITABLE,), server=server)


def of_snapshot(kind: Kind[Any], at: DataPlace, point: str) -> Iterator[Step]:
    """A backup; WAL is archived all the time."""
    yield Step(
        "database",
        "Back up the database; its archive goes on from there",
        keep_part(kind, at, point),
        deadline=6 * 3600,
    )


def of_failover(
    kind: Kind[Any], at: DataPlace, origin: Origin[Any], facts: Timeline
) -> Iterator[Hung]:
    """A standby before the fence; replayed to the archive's end and promoted after it. One that
    stops at a moment comes there before the fence: what an old primary still adds is later."""
    yield from restored(kind, at, origin, facts)
    server = kind.server(at.roster)
    archive = Step(
        "archive",
        f"Prepare the archive of epoch {at.epoch} in each vault",
        PrepareArchive(at.name, server, at.epoch),
        needs=("restore",),
        deadline=180,
    )
    yield Hung(archive, Milestone.FENCED, before=(Milestone.WRITABLE,))
    promote = Step(
        "promote",
        "Make the standby the primary; move sequences past what may have been given out",
        PromoteDatabase(at.name, server, at.epoch),
        needs=("replay", "archive"),
        deadline=180,
        after=f"the database at {at.site} is the primary",
    )
    yield Hung(promote, Milestone.FENCED, before=(Milestone.WRITABLE,))


def restored(
    kind: Kind[Any], at: DataPlace, origin: Origin[Any], facts: Timeline
) -> Iterator[Hung]:
    """The steps `restore` and `replay`: a standby that has all that is asked for, and waits."""
    server = kind.server(at.roster)
    restore = Step(
        "restore",
        f"Restore the database as a standby, from recovery point {origin.point}"
        f"{_left_out(at, facts.wal_from)}",
        restore_part(kind, at, origin),
        deadline=3 * 3600,
    )
    yield Hung(restore, Milestone.EQUIPPED, before=(Milestone.FENCED,), server=server)
    place = (at.name, server, origin.point_epoch, origin.old, facts.timeline, at.epoch)
    fed = (facts.segments, facts.wal_from)
    deadline = replay_seconds(facts.segments) + LOOKING_SECONDS
    if facts.until is None:
        said, to_end = "Replay to the last byte that the vault holds", ReplayDatabase
        replay = Step("replay", said, to_end(*place, *fed), deadline=deadline)
        yield Hung(replay, Milestone.FENCED, before=(Milestone.WRITABLE,))
    else:
        said = f"Replay to just before {facts.until}, and drop what was written then and later"
        to_moment = ReplayDatabaseUntil(*place, *fed, facts.until)
        replay = Step("replay", said, to_moment, needs=("restore",), deadline=deadline)
        yield Hung(replay, Milestone.EQUIPPED, before=(Milestone.FENCED,), server=server)


def _left_out(at: DataPlace, wal_from: tuple[str, ...]) -> str:
    """For the plan, to which somebody agrees: without which vaults the restore is made."""
    left = [name for name in at.config.vaults if wal_from and name not in wal_from]
    return f", without vault {' and '.join(left)}, which does not answer" if left else ""


@dataclass(frozen=True)
class ConfigureDatabase:
    """The primary runs, archives under this epoch, and beats."""

    name: str
    server: str
    epoch: int

    async def holds(self, world: World) -> bool:
        """Never said from here: every part of it looks before it acts, and restarts nothing."""
        return False

    async def apply(self, world: World) -> Mapping[str, Any]:
        host, data = await _opened(world, self)
        changed = await data.configure(host)
        if not await asyncio.to_thread(is_promoted, world.site.vault, self.epoch):
            await keep_timeline(world.site.vault, self.epoch, (await data.status(host)).timeline)
        return {"unchanged": not changed, **await _told(host)}

    async def prove(self, world: World) -> None:
        """It beats: the first beat may take a second or two."""
        host, data = await _opened(world, self)

        async def beats() -> bool:
            try:
                await data.last_heartbeat(host)
            except HostActFailed:
                return False
            return True

        if not await wait_until(beats, seconds=FIRST_BEAT_SECONDS):
            await data.last_heartbeat(host)


@dataclass(frozen=True)
class ReplayDatabase:
    """The standby holds everything that the vaults hold. After the fence.

    wal_from: of several, those that answered when this was planned.
    """

    name: str
    server: str
    point_epoch: int
    old: int
    timeline: int
    epoch: int
    segments: int
    wal_from: tuple[str, ...] = ()

    async def holds(self, world: World) -> bool:
        """A database that reigns has replayed; a standby is asked again."""
        host, data = await self._restoring(world)
        return await data.is_primary(host)

    async def apply(self, world: World) -> Mapping[str, Any]:
        host, data = await self._restoring(world)
        progress = ReplayProgress()
        async with tell_meanwhile(lambda: progress.sees):
            done = await data.replay_to_end(
                host,
                deadline=replay_seconds(self.segments),
                lose_from=world.run.lose_from,
                progress=progress,
            )
        facts = {"lsn": done.lsn, "segment": done.segment, "beyond": done.beyond}
        facts |= {"lost_from": done.lost_from} if done.lost_from else {}
        return facts | ({TOLD: [_lost_with(done)]} if done.without else {})

    async def prove(self, world: World) -> None:
        host, data = await self._restoring(world)
        await data.last_heartbeat(host)

    async def _restoring(self, world: World) -> tuple[Host, Postgres]:
        """The database of the new epoch, fed by the archives since the recovery point's."""
        host = await world.servers.host(self.server)
        return host, await postgres(
            *(world, self.name, self.epoch),
            earlier=tuple(range(self.point_epoch, self.old + 1)),
            timeline=self.timeline,
            wal_from=self.wal_from,
        )


@dataclass(frozen=True)
class ReplayDatabaseUntil(ReplayDatabase):
    """The standby holds everything before a moment and nothing later. Before the fence."""

    until: str = ""

    async def apply(self, world: World) -> Mapping[str, Any]:
        host, data = await self._restoring(world)
        progress = ReplayProgress()
        async with tell_meanwhile(lambda: progress.sees):
            return await data.replay_until(
                host, self.until, deadline=replay_seconds(self.segments), progress=progress
            )


@dataclass(frozen=True)
class PrepareArchive:
    """What the database writes once it is promoted goes to every vault that answers."""

    name: str
    server: str
    epoch: int

    async def holds(self, world: World) -> bool:
        """Of a database that archives under this epoch; else each vault is asked again."""
        host, data = await _opened(world, self)
        return await data.is_primary(host)

    async def apply(self, world: World) -> Mapping[str, Any]:
        host, data = await _opened(world, self)
        await data.prepare_archive(host)
        return await _told(host)

    async def prove(self, world: World) -> None:
        """Each vault answered that it knows the cluster, or was noted as taken out."""


@dataclass(frozen=True)
class PromoteDatabase:
    """The standby is the primary of this epoch."""

    name: str
    server: str
    epoch: int

    async def holds(self, world: World) -> bool:
        """Promoted, and its timeline noted: without the note no later restore could pin it."""
        host, data = await _opened(world, self)
        if not await data.is_promoted(host):
            return False
        return await asyncio.to_thread(is_promoted, world.site.vault, self.epoch)

    async def apply(self, world: World) -> Mapping[str, Any]:
        host, data = await _opened(world, self)
        beat = await data.last_heartbeat(host, before=self.epoch)
        promotion = await data.take_over(host)
        await keep_timeline(world.site.vault, self.epoch, promotion.timeline)
        return {
            "timeline": promotion.timeline,
            "fork_lsn": promotion.fork_lsn,
            "left_sequences": list(promotion.left_sequences),
            "recovered_until": beat.at.timestamp(),
            "recovered_epoch": beat.epoch,
            **await _told(host),
        }

    async def prove(self, world: World) -> None:
        host, data = await _opened(world, self)
        await data.start_heartbeat(host)


def _lost_with(done: Replayed) -> str:
    vaults = " and ".join(done.without)
    return (
        f"Vault {vaults} did not answer: WAL later than {done.segment} that lies there and in no "
        "other vault is not restored."
    )


async def _told(host: Host) -> Mapping[str, Any]:
    """Of vaults without which the archive goes on."""
    out = [one for one in await vaults.notes(host) if one.out]
    return {TOLD: [f"{one.sentence}." for one in out]} if out else {}


async def _opened(
    world: World, action: ConfigureDatabase | PrepareArchive | PromoteDatabase
) -> tuple[Host, Postgres]:
    host = await world.servers.host(action.server)
    return host, await postgres(world, action.name, action.epoch)
