"""Certificates as a kind of data: TLS is right at a new site from its first request."""

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

from liferaft.data.certificates.dataset import AREA, Certificates, CertificatesInVaults
from liferaft.data.certificates.renewed import kept_part, newest_part
from liferaft.data.deleting import spare_objects
from liferaft.data.kind import DataPlace, Kind, KindFacts, Origin
from liferaft.data.proof import Proof, Trial
from liferaft.data.rclone import PACKAGES
from liferaft.data.sealed import seal_of, seals
from liferaft.data.surplus import Needs, Surplus, unnamed_objects
from liferaft.data.wholeness import QUICK, Look, Operators, ReadingDepth, look_at_stored
from liferaft.edge.caddyfile import STORAGE
from liferaft.plan.milestones import Hung, Milestone
from liferaft.plan.step import Step
from liferaft.recovery.part import Part
from liferaft.recovery.point import RecoveryPoint
from liferaft.site.roster import Roster, Seat
from liferaft.vault import Damaged, Vault

if TYPE_CHECKING:
    from liferaft.site.world import World


class CertificatesKind(Kind[KindFacts]):
    """Caddy's storage on the edge server: in each snapshot, and back before Caddy starts."""

    name: ClassVar[str] = "certificates"

    def packages(self, roster: Roster, seat: Seat) -> Collection[str]:
        return (*PACKAGES, "python3") if seat == roster.edge else ()

    async def open(
        self,
        world: "World",
        name: str,
        *,
        epoch: int,
        earlier: tuple[int, ...] = (),
        facts: KindFacts | None = None,
    ) -> CertificatesInVaults:
        each = (Certificates(sealed, folder=STORAGE) for sealed in await seals(world))
        return CertificatesInVaults(tuple(each))

    def snapshot(self, at: DataPlace, point: str) -> Iterator[Step]:
        from liferaft.data.parts import keep_part

        yield Step("certificates", "Keep the certificates", keep_part(self, at, point))

    def schedule(self, at: DataPlace) -> Iterator[Step]:
        from liferaft.data.certificates import schedule

        yield schedule.of_schedule(self, at)

    def deploy(self, at: DataPlace) -> Iterator[Hung]:
        yield from self.schedule_where_asked_for(at)

    def failover(self, at: DataPlace, origin: Origin[Any]) -> Iterator[Hung]:
        from liferaft.data.parts import restore_part

        server = at.roster.edge.name
        step = Step(
            "certificates",
            f"Restore certificates to {server}",
            restore_part(self, at, origin),
            deadline=60,
        )
        yield Hung(step, Milestone.EQUIPPED, before=(Milestone.HOLDING,), server=server)
        yield from self.schedule_where_asked_for(at)

    def bring_back(self, at: DataPlace, origin: Origin[Any]) -> Iterator[Hung]:
        from liferaft.data.certificates.steps import BringCertificates

        server = at.roster.edge.name
        step = Step(
            "certificates",
            f"Bring certificates of recovery point {origin.point} to {server}, if it has none",
            BringCertificates(
                self.name,
                at.name,
                server,
                point_epoch=origin.point_epoch,
                point=origin.point,
                old=origin.old,
                epoch=at.epoch,
            ),
            deadline=60,
        )
        yield Hung(step, Milestone.EQUIPPED, before=(Milestone.HOLDING,), server=server)

    async def prove(self, world: "World", part: Part, trial: Trial) -> Proof:
        from liferaft.data.certificates import proof

        host = await world.servers.host(world.site.roster.edge.name)
        return await proof.prove(host, part, await seal_of(world), trial)

    def as_kept(self, vault: Vault, part: Part) -> Part:
        """A server may have kept renewed ones since the point."""
        return newest_part(vault, part)

    def parts(
        self,
        vault: Vault,
        epoch: int,
        point: RecoveryPoint | None,
        facts: KindFacts | None = None,
    ) -> tuple[Part, ...]:
        """As they lie in the vault now."""
        found = super().parts(vault, epoch, point, facts)
        return tuple(self.as_kept(vault, part) for part in found)

    def look_at_notes(self, vault: Vault, epoch: int) -> Look:
        try:
            kept_part(vault, epoch)
        except Damaged as damage:
            said = "Servers write it anew within the hour; a failover brings what is there."
            return Look(anew=(f"{damage}. {said}",))
        return Look()

    def look(
        self, vault: Vault, part: Part, point: str, reading: ReadingDepth, mine: Operators
    ) -> Look:
        """Caddy has new ones issued: that costs the time that the authority takes."""
        damages, unread = look_at_stored(vault, part, QUICK)
        said = "It belongs to the certificates: what lacks is issued anew."
        return Look(anew=tuple(f"{one}. {said}" for one in damages), unread=tuple(unread))

    def surplus(self, vault: Vault, needs: Needs) -> Sequence[Surplus]:
        """Those of a reign that lasts are in use, whichever point names them."""
        return unnamed_objects(vault, self.name, AREA, needs) if needs.is_over else ()

    def spare(self, at: DataPlace, surplus: Surplus, needs: tuple[str, ...]) -> Iterator[Step]:
        yield spare_objects(surplus, "certificates", needs)


CERTIFICATES: Final = CertificatesKind()
