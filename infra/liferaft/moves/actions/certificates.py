"""Certificates: TLS is right at a new site from its first request."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from liferaft.moves import binding
from liferaft.moves.actions.parts import is_taken, part_of_point, taken
from liferaft.site.world import World


@dataclass(frozen=True)
class KeepCertificates:
    """The edge's certificates and keys lie in the vault, encrypted."""

    epoch: int
    point: str

    async def holds(self, world: World) -> bool:
        kept = await binding.certificates(world)
        return await is_taken(world, kept, epoch=self.epoch, point=self.point)

    async def apply(self, world: World) -> Mapping[str, Any]:
        host = await world.servers.host(world.site.roster.edge.name)
        kept = await binding.certificates(world)
        part = await taken(world, host, kept, epoch=self.epoch, point=self.point)
        return {"files": part.facts["count"]}

    async def prove(self, world: World) -> None:
        """The part was counted in the vault, by listing it."""


@dataclass(frozen=True)
class RestoreCertificates:
    """The edge server holds the certificates of a recovery point."""

    point_epoch: int
    point: str

    async def holds(self, world: World) -> bool:
        kept = await binding.certificates(world)
        part = await part_of_point(world, self.point_epoch, self.point, kept.kind, kept.name)
        host = await world.servers.host(world.site.roster.edge.name)
        return await kept.is_restored(host, part, marker=self.point)

    async def apply(self, world: World) -> Mapping[str, Any]:
        kept = await binding.certificates(world)
        part = await part_of_point(world, self.point_epoch, self.point, kept.kind, kept.name)
        host = await world.servers.host(world.site.roster.edge.name)
        await kept.restore(host, part, marker=self.point)
        return {"files": part.facts["count"]}

    async def prove(self, world: World) -> None:
        kept = await binding.certificates(world)
        part = await part_of_point(world, self.point_epoch, self.point, kept.kind, kept.name)
        await kept.verify(await world.servers.host(world.site.roster.edge.name), part)
