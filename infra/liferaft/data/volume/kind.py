"""A volume as a kind of data: files that services write, on the server that runs them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Final

from liferaft.config import Config
from liferaft.data.exposure import Backlog
from liferaft.data.kind import DataPlace, Kind, KindFacts, Origin
from liferaft.data.proof import Proof, Trial
from liferaft.data.sealed import seal_of
from liferaft.data.surplus import Needs, Surplus
from liferaft.data.volume.binding import volume_in_vaults
from liferaft.data.volume.dataset import VolumeInVaults, never_taken
from liferaft.data.volume.places import has_volume, volume_of
from liferaft.data.volume.program import AREA, PACKAGES
from liferaft.plan.milestones import Hung
from liferaft.plan.step import Step
from liferaft.recovery.part import Part
from liferaft.recovery.point import RecoveryPoint
from liferaft.site.roster import Roster, Seat
from liferaft.vault import Vault

if TYPE_CHECKING:
    from liferaft.site.world import World


@dataclass(frozen=True)
class VolumeMoment(KindFacts):
    """until: the moment as of which a failover brings it back, as an operator reads it; volumes:
    that the plan has some, since others know that moment as well."""

    until: str
    volumes: bool = True


class VolumeKind(Kind[VolumeMoment]):
    """Looked at once a minute and kept by restic; back before its service starts."""

    name: ClassVar[str] = "volume"
    flows: ClassVar[bool] = True
    deletes: ClassVar[str] = f"{AREA}/any/repository/locks"

    def packages(self, roster: Roster, seat: Seat) -> Collection[str]:
        return PACKAGES if has_volume(roster, seat) else ()

    async def open(
        self,
        world: "World",
        name: str,
        *,
        epoch: int,
        earlier: tuple[int, ...] = (),
        facts: VolumeMoment | None = None,
    ) -> VolumeInVaults:
        as_of = None if facts is None else datetime.fromisoformat(facts.until).isoformat()
        return await volume_in_vaults(world, name, earlier[::-1], as_of)

    def deploy(self, at: DataPlace) -> Iterator[Hung]:
        from liferaft.data.volume import steps

        return steps.of_deploy(at)

    def snapshot(self, at: DataPlace, point: str) -> Iterator[Step]:
        from liferaft.data.volume import steps

        return steps.of_snapshot(self, at, point)

    def failover(self, at: DataPlace, origin: Origin[Any]) -> Iterator[Hung]:
        from liferaft.data.volume import steps

        return steps.of_failover(self, at, origin)

    def drill(self, at: DataPlace, origin: Origin[Any]) -> Iterator[Hung]:
        from liferaft.data.volume import steps

        return steps.of_drill(self, at, origin)

    def as_of(self, facts: VolumeMoment | None, moment: str) -> VolumeMoment:
        return VolumeMoment(moment)

    def facts_in(self, told: Mapping[str, Any]) -> VolumeMoment | None:
        return VolumeMoment(told["until"]) if told.get("volumes") else None

    def part_of(self, point: RecoveryPoint, name: str) -> Part:
        """A point from before the volume was data stops no failover: what keepers have brought to a
        vault since comes back, and that there is nothing is told."""
        having = (one for one in point.parts if (one.kind, one.name) == (self.name, name))
        return next(having, None) or never_taken(name, point.epoch)

    async def prove(self, world: "World", part: Part, trial: Trial) -> Proof:
        from liferaft.data.volume import proof

        volume = volume_of(world.site.config, part.name)
        host = await world.servers.host(volume.server)
        return await proof.prove(host, volume, part, await seal_of(world), trial)

    def kept_until(self, vault: Vault, epoch: int, name: str) -> datetime | None:
        from liferaft.data.volume.noted import noted_until

        return noted_until(vault, epoch, name)

    def surplus(self, vault: Vault, needs: Needs) -> Sequence[Surplus]:
        from liferaft.data.volume import spare

        return spare.surplus_of(vault, needs)

    def spare(self, at: DataPlace, surplus: Surplus, needs: tuple[str, ...]) -> Iterator[Step]:
        from liferaft.data.volume import spare

        return spare.of_spare(surplus, needs)

    def require_files(self, config: Config, vault: Vault, move: str) -> None:
        """Where services are started, they mount the volumes that are kept."""
        if move in {"deploy", "failover"}:
            from liferaft.data.volume.mounted import require_mounted

            require_mounted(config)

    async def exposure(self, world: "World", name: str) -> Sequence[Backlog]:
        from liferaft.data.volume.lag import ask

        server = volume_of(world.site.config, name).server
        return await ask(await world.servers.host(server), name)


VOLUME: Final = VolumeKind()
