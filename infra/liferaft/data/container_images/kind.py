"""Container images as a kind of data: what runs can be started anywhere, without a registry."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

from liferaft.config import Config
from liferaft.data.container_images import bringing, covering
from liferaft.data.container_images.archive import AREA
from liferaft.data.deleting import spare_objects
from liferaft.data.kind import DataPlace, Kind, KindFacts, Origin
from liferaft.data.proof import Proof, Trial
from liferaft.data.rclone import PACKAGES
from liferaft.data.sealed import seal_of
from liferaft.data.sealed_objects import sealed_size
from liferaft.data.surplus import Needs, Surplus, unnamed_objects
from liferaft.data.wholeness import Look, Operators, ReadingDepth, look_at_stored
from liferaft.plan.inputs import of_another_version
from liferaft.plan.milestones import Hung
from liferaft.plan.step import Step
from liferaft.recovery import release
from liferaft.recovery.part import Part
from liferaft.recovery.point import RecoveryPoint
from liferaft.recovery.release import Release
from liferaft.site.roster import Roster, Seat
from liferaft.vault import Vault

if TYPE_CHECKING:
    from liferaft.site.world import World


@dataclass(frozen=True)
class Images(KindFacts):
    """What the newest deploy started, or else what the recovery point holds."""

    images: tuple[Part, ...]

    def to_json(self) -> dict[str, Any]:
        return {"images": [part.to_json() for part in self.images]}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        try:
            return cls(tuple(Part.from_json(one) for one in told.get("images", ())))
        except TypeError as error:
            raise of_another_version("images that this version reads") from error


class ContainerImages(Kind[Images]):
    """Archives of what runs: brought by a deploy, named by each snapshot, started by a failover."""

    name: ClassVar[str] = "image"

    def packages(self, roster: Roster, seat: Seat) -> Collection[str]:
        return (*PACKAGES, "python3") if seat.services else ()

    def deploy(self, at: DataPlace) -> Iterator[Hung]:
        from liferaft.data.container_images import steps

        return steps.of_deploy(at)

    def snapshot(self, at: DataPlace, point: str) -> Iterator[Step]:
        from liferaft.data.container_images import steps

        return steps.of_snapshot(at, point)

    def failover(self, at: DataPlace, origin: Origin[Images]) -> Iterator[Hung]:
        from liferaft.data.container_images import steps

        return steps.of_failover(at, _parts_of(origin))

    def drill(self, at: DataPlace, origin: Origin[Images]) -> Iterator[Hung]:
        from liferaft.data.container_images import steps

        return steps.of_drill(at, _parts_of(origin))

    def read_facts(self, config: Config, vault: Vault, epoch: int, point: RecoveryPoint) -> Images:
        """Raises Refused where what would be started lacks an image of the Compose file."""
        started = release.newest(vault, epoch)
        source = f"What was started at {started.at}" if started else f"Recovery point {point.name}"
        found = started or Release(point.taken_at, super().parts(vault, epoch, point))
        covering.require_kept(config, found, source)
        return Images(found.images)

    def facts_in(self, told: Mapping[str, Any]) -> Images:
        return Images.from_json(told)

    def parts(
        self, vault: Vault, epoch: int, point: RecoveryPoint | None, facts: Images | None = None
    ) -> tuple[Part, ...]:
        if facts is not None:
            return facts.images
        started = release.newest(vault, epoch)
        return started.images if started else super().parts(vault, epoch, point)

    async def prove(self, world: "World", part: Part, trial: Trial) -> Proof:
        from liferaft.data.container_images import proof

        host = await world.servers.host(world.site.roster.edge.name)
        return await proof.prove(host, part, await seal_of(world), trial)

    def look(
        self, vault: Vault, part: Part, point: str, reading: ReadingDepth, mine: Operators
    ) -> Look:
        """One that the operator has as well is not missed."""
        damages, unread = look_at_stored(vault, part, reading, size=sealed_size(part.size))
        look = Look(unread=tuple(unread))
        for damage in damages:
            beside = mine.archives().get(part.facts["digest"])
            if beside is not None:
                said = f"{damage}. The same image is in {beside}, and that is used."
                look += Look(anew=(said,))
            else:
                look += Look((damage.mended_by(_way_to_the_image(part)),))
        return look

    def surplus(self, vault: Vault, needs: Needs) -> Sequence[Surplus]:
        """One that a killed deploy brought is named by nobody yet."""
        return unnamed_objects(vault, self.name, AREA, needs) if needs.is_settled else ()

    def spare(self, at: DataPlace, surplus: Surplus, needs: tuple[str, ...]) -> Iterator[Step]:
        yield spare_objects(surplus, "container images", needs)

    def require_files(self, config: Config, vault: Vault, move: str) -> None:
        """A deploy brings them; a failover has them in the vault."""
        if move == "deploy":
            bringing.bring(config)
            covering.require_covered(config)
        elif move == "snapshot":
            covering.require_known(config, vault)


def _parts_of(origin: Origin[Images]) -> tuple[Mapping[str, Any], ...]:
    images = origin.facts.images if origin.facts else ()
    return tuple(part.to_json() for part in images)


def _way_to_the_image(part: Part) -> str:
    return (
        f"Name an archive of it in app.images, the one whose SHA-256 is {part.facts['digest']}: it "
        "is used instead. While the site that reigns can be reached, `liferaft deploy` of it "
        "brings the image there again. Or put back an earlier version of this object."
    )


CONTAINER_IMAGES: Final = ContainerImages()
