"""PostgreSQL: set up, backed up, restored as a standby, replayed to the end, made the primary."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from liferaft.data.failures import HostActFailed
from liferaft.data.postgres import backup, platform, primary, replay, session, standby, takeover
from liferaft.data.postgres.configuration import Repository
from liferaft.moves import binding
from liferaft.moves.actions.parts import has_part, keep_part, point_named
from liferaft.moves.polling import until
from liferaft.moves.reign import is_timeline_kept, keep_timeline
from liferaft.moves.roster import roster
from liferaft.moves.world import World
from liferaft.remote import Host

FIRST_BEAT_SECONDS = 20.0


async def _server(world: World) -> Host:
    return await world.host(roster(world.config).database.name)


def _name(world: World) -> str:
    return world.config.data_of_kind("postgres") or "db"


@dataclass(frozen=True)
class ConfigureDatabase:
    """The primary runs, archives under this epoch, and beats."""

    epoch: int

    async def holds(self, world: World) -> bool:
        """Never said from here: every part of it looks before it acts, and restarts nothing."""
        return False

    async def apply(self, world: World) -> Mapping[str, Any]:
        host = await _server(world)
        wanted = await binding.database(world)
        archive = await binding.repository(world, self.epoch)
        changed = await primary.configured_as_primary(host, wanted, [archive])
        if not await is_timeline_kept(world, self.epoch):
            await keep_timeline(world, self.epoch, (await session.status(host)).timeline)
        return {"unchanged": not changed}

    async def prove(self, world: World) -> None:
        """It beats: the first beat may take a second or two."""
        host, wanted = await _server(world), await binding.database(world)

        async def beats() -> bool:
            try:
                await primary.last_heartbeat(host, wanted)
            except HostActFailed:
                return False
            return True

        if not await until(beats, seconds=FIRST_BEAT_SECONDS):
            await primary.last_heartbeat(host, wanted)


@dataclass(frozen=True)
class BackUpDatabase:
    """A full backup lies in the vault, with all the WAL that it needs."""

    epoch: int
    point: str

    async def holds(self, world: World) -> bool:
        return await has_part(world, self.epoch, self.point, "postgres", _name(world))

    async def apply(self, world: World) -> Mapping[str, Any]:
        host = await _server(world)
        archive = await binding.repository(world, self.epoch)
        part = await backup.backed_up(host, _name(world), [archive], marker=self.point)
        await keep_part(world, self.point, part)
        return {"bytes": part.size}

    async def prove(self, world: World) -> None:
        archive = await binding.repository(world, self.epoch)
        await backup.information(await _server(world), archive)


@dataclass(frozen=True)
class RestoreDatabase:
    """The database of a recovery point runs as a standby and replays on."""

    point_epoch: int
    point: str
    old: int
    epoch: int
    timeline: int

    @property
    def marker(self) -> str:
        """Names what was restored; the same for every run that restores it."""
        return f"{self.point_epoch:08d}/{self.point}/{self.epoch:08d}"

    async def holds(self, world: World) -> bool:
        host = await _server(world)
        if await primary.reign_of(host) == self.epoch:
            return True  # promoted by the run that this one resumes
        return await standby.is_restored(host, self.marker)

    async def apply(self, world: World) -> Mapping[str, Any]:
        host = await _server(world)
        point = await point_named(world, self.point_epoch, self.point)
        platform.require_same(point.platform, await platform.measured(host))
        part = point.part("postgres", _name(world))
        await standby.restored_as_standby(
            host,
            await binding.database(world),
            part,
            sources=await _sources(world, self.point_epoch, self.old),
            reign=[await binding.repository(world, self.epoch)],
            timeline=self.timeline,
            marker=self.marker,
        )
        return {"bytes": part.size}

    async def prove(self, world: World) -> None:
        """It answers queries."""
        await primary.last_heartbeat(await _server(world), await binding.database(world))


@dataclass(frozen=True)
class ReplayDatabase:
    """The standby holds everything that the vault holds. After the fence."""

    point_epoch: int
    old: int
    timeline: int
    epoch: int

    async def holds(self, world: World) -> bool:
        """A database that reigns has replayed; a standby is asked again."""
        return await primary.reign_of(await _server(world)) == self.epoch

    async def apply(self, world: World) -> Mapping[str, Any]:
        host = await _server(world)
        sources = await _sources(world, self.point_epoch, self.old)
        done = await replay.replayed_to_end(host, sources, timeline=self.timeline, deadline=3300)
        return {"lsn": done.lsn, "segment": done.segment}

    async def prove(self, world: World) -> None:
        await primary.last_heartbeat(await _server(world), await binding.database(world))


@dataclass(frozen=True)
class PromoteDatabase:
    """The standby is the primary of this epoch."""

    epoch: int

    async def holds(self, world: World) -> bool:
        """Promoted, and its timeline noted: without the note no later restore could pin it."""
        host = await _server(world)
        promoted = await takeover.is_promoted(host, await binding.database(world), self.epoch)
        return promoted and await is_timeline_kept(world, self.epoch)

    async def apply(self, world: World) -> Mapping[str, Any]:
        host, wanted = await _server(world), await binding.database(world)
        beat = await primary.last_heartbeat(host, wanted, before=self.epoch)
        reign = await takeover.taken_over(
            host, wanted, [await binding.repository(world, self.epoch)]
        )
        await keep_timeline(world, self.epoch, reign.timeline)
        return {
            "timeline": reign.timeline,
            "fork_lsn": reign.fork_lsn,
            "left_sequences": list(reign.left_sequences),
            "recovered_until": beat.at.timestamp(),
            "recovered_epoch": beat.epoch,
        }

    async def prove(self, world: World) -> None:
        host = await _server(world)
        await primary.beating(host, await binding.database(world))


async def _sources(world: World, oldest: int, newest: int) -> list[Repository]:
    return [await binding.repository(world, epoch) for epoch in range(oldest, newest + 1)]
