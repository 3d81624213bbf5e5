"""PostgreSQL: set up, backed up, restored as a standby, replayed to the end, made the primary."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from liferaft.data.contract import Part
from liferaft.data.postgres import platform
from liferaft.data.postgres.dataset import Postgres
from liferaft.data.postgres.replay import Progress
from liferaft.moves import binding
from liferaft.moves.actions.parts import is_taken, part_of_point, point_named, taken
from liferaft.moves.reign import keep_timeline
from liferaft.moves.telling import telling
from liferaft.remote import Host
from liferaft.remote.acts import HostActFailed
from liferaft.remote.waiting import until
from liferaft.site.promotion import is_promoted
from liferaft.site.world import World
from liferaft.vault.layout import digits

FIRST_BEAT_SECONDS = 20.0


async def _server(world: World) -> Host:
    return await world.servers.host(world.site.roster.database.name)


async def _restoring(world: World, action: "RestoreDatabase | ReplayDatabase") -> Postgres:
    """The database of the new reign, fed by the archives since the recovery point's."""
    earlier = range(action.point_epoch, action.old + 1)
    return await binding.postgres(world, action.epoch, earlier=earlier, timeline=action.timeline)


@dataclass(frozen=True)
class ConfigureDatabase:
    """The primary runs, archives under this epoch, and beats."""

    epoch: int

    async def holds(self, world: World) -> bool:
        """Never said from here: every part of it looks before it acts, and restarts nothing."""
        return False

    async def apply(self, world: World) -> Mapping[str, Any]:
        host, data = await _server(world), await binding.postgres(world, self.epoch)
        changed = await data.configure(host)
        if not await asyncio.to_thread(is_promoted, world.site.vault, self.epoch):
            await keep_timeline(world.site.vault, self.epoch, (await data.status(host)).timeline)
        return {"unchanged": not changed}

    async def prove(self, world: World) -> None:
        """It beats: the first beat may take a second or two."""
        host, data = await _server(world), await binding.postgres(world, self.epoch)

        async def beats() -> bool:
            try:
                await data.last_heartbeat(host)
            except HostActFailed:
                return False
            return True

        if not await until(beats, seconds=FIRST_BEAT_SECONDS):
            await data.last_heartbeat(host)


@dataclass(frozen=True)
class BackUpDatabase:
    """A full backup lies in the vault, with all the WAL that it needs."""

    epoch: int
    point: str

    async def holds(self, world: World) -> bool:
        data = await binding.postgres(world, self.epoch)
        return await is_taken(world, data, epoch=self.epoch, point=self.point)

    async def apply(self, world: World) -> Mapping[str, Any]:
        host, data = await _server(world), await binding.postgres(world, self.epoch)
        part = await taken(world, host, data, epoch=self.epoch, point=self.point)
        return {"bytes": part.size}

    async def prove(self, world: World) -> None:
        """The vault's own account of its backups was read: the part is made from that."""


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
        return f"{digits(self.point_epoch)}/{self.point}/{digits(self.epoch)}"

    async def holds(self, world: World) -> bool:
        host, data = await _server(world), await _restoring(world, self)
        if await data.reigns(host):
            return True  # promoted by the run that this one resumes
        return await data.is_restored(host, await self._part(world, data), marker=self.marker)

    async def apply(self, world: World) -> Mapping[str, Any]:
        host, data = await _server(world), await _restoring(world, self)
        point = await point_named(world, self.point_epoch, self.point)
        platform.require_same(point.platform, await platform.measured(host))
        part = point.part(data.kind, data.name)
        await data.restore(host, part, marker=self.marker)
        return {"bytes": part.size}

    async def prove(self, world: World) -> None:
        """It answers queries: it is the cluster that was backed up, and holds all of the backup."""
        data = await _restoring(world, self)
        await data.verify(await _server(world), await self._part(world, data))

    async def _part(self, world: World, data: Postgres) -> Part:
        return await part_of_point(world, self.point_epoch, self.point, data.kind, data.name)


@dataclass(frozen=True)
class ReplayDatabase:
    """The standby holds everything that the vault holds. After the fence."""

    point_epoch: int
    old: int
    timeline: int
    epoch: int

    async def holds(self, world: World) -> bool:
        """A database that reigns has replayed; a standby is asked again."""
        return await (await _restoring(world, self)).reigns(await _server(world))

    async def apply(self, world: World) -> Mapping[str, Any]:
        host, data = await _server(world), await _restoring(world, self)
        progress = Progress()
        async with telling(lambda: progress.sees):
            done = await data.replay_to_end(
                host, deadline=3300, lose_from=world.run.lose_from, progress=progress
            )
        facts = {"lsn": done.lsn, "segment": done.segment, "beyond": done.beyond}
        return facts | ({"lost_from": done.lost_from} if done.lost_from else {})

    async def prove(self, world: World) -> None:
        await (await _restoring(world, self)).last_heartbeat(await _server(world))


@dataclass(frozen=True)
class PromoteDatabase:
    """The standby is the primary of this epoch."""

    epoch: int

    async def holds(self, world: World) -> bool:
        """Promoted, and its timeline noted: without the note no later restore could pin it."""
        data = await binding.postgres(world, self.epoch)
        if not await data.is_promoted(await _server(world)):
            return False
        return await asyncio.to_thread(is_promoted, world.site.vault, self.epoch)

    async def apply(self, world: World) -> Mapping[str, Any]:
        host, data = await _server(world), await binding.postgres(world, self.epoch)
        beat = await data.last_heartbeat(host, before=self.epoch)
        reign = await data.take_over(host)
        await keep_timeline(world.site.vault, self.epoch, reign.timeline)
        return {
            "timeline": reign.timeline,
            "fork_lsn": reign.fork_lsn,
            "left_sequences": list(reign.left_sequences),
            "recovered_until": beat.at.timestamp(),
            "recovered_epoch": beat.epoch,
        }

    async def prove(self, world: World) -> None:
        await (await binding.postgres(world, self.epoch)).beating(await _server(world))
