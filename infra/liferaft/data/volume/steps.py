"""Volumes in a move: back before their service starts, kept once it runs."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from liferaft.data.kind import DataPlace, Kind, Origin
from liferaft.data.parts import keep_part, restore_part
from liferaft.data.volume import keepers
from liferaft.data.volume.binding import volume_in_vaults
from liferaft.data.volume.dataset import SECONDS
from liferaft.data.volume.places import VolumeOnServer, volume_of
from liferaft.data.volume.program import STATES, folder
from liferaft.plan.milestones import Hung, Milestone
from liferaft.plan.step import Step
from liferaft.remote.acts import succeeds
from liferaft.site.epochs import require_epoch
from liferaft.site.world import World
from liferaft.vault import Vault, each_vault

FIRST_COPY_SECONDS: Final = 20.0
"""A copy that takes longer goes on by itself; one that failed has said so by then."""


def of_deploy(at: DataPlace) -> Iterator[Hung]:
    """A server that is new gets what this reign has kept, before the service makes an empty one."""
    volume = volume_of(at.config, at.name)
    bring = Step(
        f"volume-{at.name}",
        f"Bring volume {at.name} to {volume.server}, if it has none and a vault has",
        BringVolume(at.name, volume.server, at.epoch),
        deadline=SECONDS,
    )
    yield Hung(bring, Milestone.EQUIPPED, before=(Milestone.SERVING,), server=volume.server)
    yield Hung(_keep(at, volume), Milestone.PROVED)


def of_snapshot(kind: Kind[Any], at: DataPlace, point: str) -> Iterator[Step]:
    """What changed since the last look."""
    volume = volume_of(at.config, at.name)
    action = replace(keep_part(kind, at, point), server=volume.server)
    yield Step(f"volume-{at.name}", f"Keep volume {at.name}", action, deadline=SECONDS)


def of_failover(kind: Kind[Any], at: DataPlace, origin: Origin[Any]) -> Iterator[Hung]:
    """Back before the service starts; kept behind, under the epoch of the new reign."""
    yield from of_drill(kind, at, origin)
    yield Hung(_keep(at, volume_of(at.config, at.name)), Milestone.PROVED)


def of_drill(kind: Kind[Any], at: DataPlace, origin: Origin[Any]) -> Iterator[Hung]:
    """The same restore, which nobody keeps."""
    volume = volume_of(at.config, at.name)
    action = replace(restore_part(kind, at, origin), server=volume.server)
    as_of = f", as of {origin.facts.until}" if origin.facts else ""
    said = f"Restore volume {at.name} to {volume.server}{as_of}"
    step = Step(f"volume-{at.name}", said, action, deadline=SECONDS)
    yield Hung(step, Milestone.EQUIPPED, before=(Milestone.SERVING,), server=volume.server)


def _keep(at: DataPlace, volume: VolumeOnServer) -> Step:
    return Step(
        f"keeper-{at.name}",
        f"Keep volume {at.name} in every vault, again and again",
        KeepVolume(at.name, volume.server, at.epoch),
        deadline=300,
    )


@dataclass(frozen=True)
class BringVolume:
    """The server has the volume, if anything was kept of it in this reign. One that it has is left
    alone: it may be newer."""

    name: str
    server: str
    epoch: int

    async def holds(self, world: World) -> bool:
        host = await world.servers.host(self.server)
        called = volume_of(world.site.config, self.name).called
        pending = f"{STATES}/{self.name}.pending"
        return await succeeds(
            host, ["bash", "-c", '[ ! -e "$1" ] && podman volume exists "$2"', "-", pending, called]
        )

    async def apply(self, world: World) -> Mapping[str, Any]:
        host = await world.servers.host(self.server)
        data = await volume_in_vaults(world, self.name, epochs=(self.epoch,))
        return await data.together.bring(host)

    async def prove(self, world: World) -> None:
        """What came was compared before it was put in its place."""


@dataclass(frozen=True)
class KeepVolume:
    """What changes in the volume goes into every vault, each by itself.

    Only a site that reigns keeps its volumes: before, it would fill an epoch that is not its own.
    """

    name: str
    server: str
    epoch: int

    async def holds(self, world: World) -> bool:
        host = await world.servers.host(self.server)
        data = await volume_in_vaults(world, self.name)
        return await keepers.are_keeping(host, data.sets, self.epoch)

    async def apply(self, world: World) -> Mapping[str, Any]:
        await require_epoch(world, self.epoch, world.site.name)
        host = await world.servers.host(self.server)
        data = await volume_in_vaults(world, self.name)
        await keepers.stop_keepers(host, data.sets)
        await asyncio.to_thread(clear_unfinished, world.site.vault, self.epoch, self.name)
        await keepers.start_keepers(host, data.sets, self.epoch)
        return await keepers.first_copies(host, data.sets, patience=FIRST_COPY_SECONDS)

    async def prove(self, world: World) -> None:
        """They said that they are through, or are at work on large ones: `apply` asked."""


def clear_unfinished(vault: Vault, epoch: int, name: str) -> None:
    """No vault has a key of a repository that was killed while it was made: restic makes none
    beside it, and a server may not delete it. Blocks."""
    there = f"{folder(epoch, name)}/repository"
    for one in each_vault(vault):
        keys = one.list(f"{there}/keys")
        if keys and f"{there}/config" not in one.list(there):
            for key in keys:
                one.delete(key)
