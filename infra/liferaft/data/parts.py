"""The two actions of most kinds of data: a part is kept, and brought back."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from liferaft.data import registry
from liferaft.data.contract import DataSet
from liferaft.data.in_vaults import holders, in_first
from liferaft.data.kind import DataPlace, Kind, Origin
from liferaft.recovery.part import Part
from liferaft.recovery.parts import note_part, part_noted, point_named
from liferaft.site.reach import vault_accesses
from liferaft.site.world import World
from liferaft.vault import Vault
from liferaft.vault.layout import digits


@dataclass(frozen=True)
class KeepPart:
    """The recovery point that is being taken has its part of this data set."""

    kind: str
    name: str
    server: str
    epoch: int
    point: str

    async def holds(self, world: World) -> bool:
        return await is_kept(world, self.epoch, self.point, kind=self.kind, name=self.name)

    async def apply(self, world: World) -> Mapping[str, Any]:
        """First the data, then the note that this part is complete."""
        data = await registry.kind(self.kind).open(world, self.name, epoch=self.epoch)
        host = await world.servers.host(self.server)
        part = await data.snapshot(host, epoch=self.epoch, marker=self.point)
        await asyncio.to_thread(note_part, world.site.vault, self.point, part)
        return data.summary(part)

    async def prove(self, world: World) -> None:
        """What the vault holds of it was listed or read there: the part is made from that."""


@dataclass(frozen=True)
class RestorePart:
    """A data set of a recovery point is on a server of the new site: what the point has, and what
    was kept since, up to the epoch that ends (`old`).

    facts: what the kind read of the vault when the move was planned (`KindFacts`), as JSON values.
    """

    kind: str
    name: str
    server: str
    point_epoch: int
    point: str
    old: int
    epoch: int
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def marker(self) -> str:
        """Names what was restored; the same for every run that restores it."""
        until = self.facts.get("until")
        as_of = f"/{until}" if until else ""
        return f"{digits(self.point_epoch)}/{self.point}/{digits(self.epoch)}{as_of}"

    async def holds(self, world: World) -> bool:
        host = await world.servers.host(self.server)
        return await (await self._data(world)).is_restored(host, marker=self.marker)

    async def apply(self, world: World) -> Mapping[str, Any]:
        data, part = await self._data(world), await self._part(world)
        host = await world.servers.host(self.server)
        return await data.restore(host, part, marker=self.marker)

    async def prove(self, world: World) -> None:
        data, part = await self._data(world), await self._part(world)
        await data.verify(await world.servers.host(self.server), part)

    async def _data(self, world: World) -> DataSet:
        kind = registry.kind(self.kind)
        earlier = tuple(range(self.point_epoch, self.old + 1))
        facts = kind.facts_in(self.facts)
        return await kind.open(world, self.name, epoch=self.epoch, earlier=earlier, facts=facts)

    async def _part(self, world: World) -> Part:
        part = await asyncio.to_thread(self._part_now, world.site.vault)
        return in_first(part, world.site.config.first_vault)

    def _part_now(self, vault: Vault) -> Part:
        kind = registry.kind(self.kind)
        point = point_named(vault, self.point_epoch, self.point)
        return kind.as_kept(vault, kind.part_of(point, self.name))


async def is_kept(world: World, epoch: int, point: str, *, kind: str, name: str) -> bool:
    """Whether a part of a point is in every vault. One that some lack is taken again, for them."""
    part = await asyncio.to_thread(part_noted, world.site.vault, epoch, point, kind=kind, name=name)
    if part is None or len(world.site.config.vaults) == 1:
        return part is not None
    vaults = [access.name for access in vault_accesses(world)]
    part = in_first(part, world.site.config.first_vault)
    return len(holders(part, vaults)) == len(vaults)


def keep_part(kind: Kind[Any], at: DataPlace, point: str) -> KeepPart:
    """The action that keeps a data set's part of a point."""
    return KeepPart(kind.name, at.name, kind.server(at.roster), at.epoch, point)


def restore_part(
    kind: Kind[Any],
    at: DataPlace,
    origin: Origin[Any],
    action: type[RestorePart] = RestorePart,
) -> RestorePart:
    """The action that brings a data set back."""
    return action(
        kind.name,
        at.name,
        kind.server(at.roster),
        point_epoch=origin.point_epoch,
        point=origin.point,
        old=origin.old,
        epoch=at.epoch,
        facts=origin.facts.to_json() if origin.facts else {},
    )
