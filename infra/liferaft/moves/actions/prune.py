"""Recovery points are forgotten, and whole earlier reigns."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from liferaft.data.deleting import delete_each, kept_by, require_gone, still_there
from liferaft.data.surplus import keys_named
from liferaft.failures import Held
from liferaft.moves.unfinished import OpenRuns, open_runs
from liferaft.recovery import release
from liferaft.recovery.point import history
from liferaft.site.epochs import require_epoch
from liferaft.site.world import World
from liferaft.vault import EpochChain, Vault, vault_named
from liferaft.vault.layout import EpochKeys


@dataclass(frozen=True)
class ForgetPoints:
    """A vault lists none of these recovery points, nor what was noted of them. Nothing is done if a
    run has begun since that needs one of them, or an epoch before `oldest`; nor if one may need, or
    a point or release names by now, what is to go next: `objects`, by their keys."""

    vault: str
    points: tuple[tuple[int, str], ...]
    notes: tuple[str, ...]
    oldest: int
    objects: tuple[str, ...] = ()

    async def holds(self, world: World) -> bool:
        await self._require_unneeded(world)
        return not await asyncio.to_thread(still_there, self._vault(world), self._keys)

    async def apply(self, world: World) -> Mapping[str, Any]:
        """Manifests first: a point that is listed is whole, wherever this ends."""
        vault = self._vault(world)
        await delete_each(vault, self._manifests)
        await require_gone(vault, self._manifests)
        await delete_each(vault, self.notes)
        return {"vault": self.vault, "points": [name for _, name in self.points]}

    async def prove(self, world: World) -> None:
        await require_gone(self._vault(world), self._keys)

    async def _require_unneeded(self, world: World) -> None:
        current = await asyncio.to_thread(EpochChain(world.site.vault).current)
        if current is not None:
            await require_epoch(world, current.epoch, world.site.name)
        runs = await asyncio.to_thread(open_runs, world.site.vault)
        for point in sorted(runs.points):
            if (point.epoch, point.name) in self.points or point.epoch < self.oldest:
                raise Held(
                    f"A run has begun since this was planned that needs recovery point "
                    f"{point.name} of epoch {point.epoch}",
                    safe="Nothing was deleted.",
                    do="Run the same command again: it plans anew.",
                )
        if self.objects and current is not None:
            await asyncio.to_thread(self._require_unnamed, world, current.epoch, runs)

    def _require_unnamed(self, world: World, epoch: int, runs: OpenRuns) -> None:
        """A deploy names an image that it finds in the vault, without bringing it there anew."""
        started = release.newest(world.site.vault, epoch)
        points = history(self._vault(world), epoch).whole
        parts = [
            part for one in points if (epoch, one.name) not in self.points for part in one.parts
        ]
        named = keys_named([*parts, *(started.images if started else ())])
        if runs.are_bringing or not named.isdisjoint(self.objects):
            raise Held(
                "A deploy or snapshot has begun since this was planned that may need what was to "
                "go with the points",
                safe="Nothing was deleted.",
                do="Let it end, then run the same command again: it plans anew.",
            )

    @property
    def _manifests(self) -> tuple[str, ...]:
        return tuple(EpochKeys(epoch).point(name) for epoch, name in self.points)

    @property
    def _keys(self) -> tuple[str, ...]:
        return (*self._manifests, *self.notes)

    def _vault(self, world: World) -> Vault:
        return vault_named(world.site.vault, self.vault)


@dataclass(frozen=True)
class DeleteEpoch:
    """A vault holds nothing of an earlier reign but what is spared."""

    vault: str
    epoch: int
    spared: tuple[str, ...]

    async def holds(self, world: World) -> bool:
        return not await asyncio.to_thread(self._left, world)

    async def apply(self, world: World) -> Mapping[str, Any]:
        """Its manifests first. What an old primary that nobody stopped still archives there is
        found by the next pruning."""
        vault = vault_named(world.site.vault, self.vault)
        left = await asyncio.to_thread(self._left, world)
        manifests = [key for key in left if key.startswith(f"{EpochKeys(self.epoch).points}/")]
        await delete_each(vault, manifests)
        await require_gone(vault, manifests)
        await delete_each(vault, [key for key in left if key not in set(manifests)])
        return {"vault": self.vault, "objects": len(left)}

    async def prove(self, world: World) -> None:
        left = await asyncio.to_thread(self._left, world)
        archive = f"{EpochKeys(self.epoch).folder}/"
        kept = [key for key in left if key.startswith(archive) and "/archive/" not in key]
        if kept:
            vault = vault_named(world.site.vault, self.vault)
            raise kept_by(vault, kept, "it answered that it did, and lists them")

    def _left(self, world: World) -> tuple[str, ...]:
        vault = vault_named(world.site.vault, self.vault)
        found = vault.list(EpochKeys(self.epoch).folder)
        return tuple(key for key in found if key not in self.spared)
