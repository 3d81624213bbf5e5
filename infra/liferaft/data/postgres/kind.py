"""PostgreSQL as a kind of data: one database of the application, on a server of its own group."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

from liferaft.config import Config
from liferaft.data.kind import DataPlace, Kind, KindFacts, Origin
from liferaft.data.postgres import inspection
from liferaft.data.postgres.binding import database, postgres
from liferaft.data.postgres.configuration import PACKAGES
from liferaft.data.postgres.dataset import Postgres
from liferaft.data.postgres.layout import FIRST_TIMELINE, archive_in_vault
from liferaft.data.postgres.timeline import look_at_timeline, timeline_of
from liferaft.data.postgres.wal import Segment, archived
from liferaft.data.postgres.wholeness import look_of
from liferaft.data.wholeness import Look, Operators, ReadingDepth
from liferaft.failures import Refused
from liferaft.plan.inputs import of_another_version
from liferaft.plan.milestones import Hung
from liferaft.plan.step import Step
from liferaft.recovery.destroyed import destroyed_at
from liferaft.recovery.part import Part
from liferaft.recovery.point import RecoveryPoint
from liferaft.secrets import AppSecrets
from liferaft.site.roster import Roster, Seat
from liferaft.vault import Vault

if TYPE_CHECKING:
    from liferaft.site.world import World


@dataclass(frozen=True)
class Timeline(KindFacts):
    """The timeline that the database of the epoch that ends is on.

    segments: about how many of them a replay has to fetch, by the names in the archive.
    """

    timeline: int
    segments: int = 0

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self | None:
        if "timeline" not in told:
            return None
        return cls(int(told["timeline"]), int(told.get("segments", 0)))


class PostgresKind(Kind[Timeline]):
    """WAL goes into the vault all the time; a snapshot is a full backup."""

    name: ClassVar[str] = "postgres"
    archives: ClassVar[bool] = True

    def packages(self, roster: Roster, seat: Seat) -> Collection[str]:
        return PACKAGES if self.name in seat.runs else ()

    def units(self) -> Collection[str]:
        return ("postgresql",)

    def variable_names(self) -> Collection[str]:
        return ("DATABASE_URL",)

    async def variables(self, world: "World", name: str) -> Mapping[str, str]:
        there = await database(world)
        return {
            "DATABASE_URL": f"postgresql://{there.role}:{there.password}"
            f"@{there.address}:5432/{there.name}"
        }

    async def open(
        self,
        world: "World",
        name: str,
        *,
        epoch: int,
        earlier: tuple[int, ...] = (),
        facts: Timeline | None = None,
    ) -> Postgres:
        timeline = facts.timeline if facts else FIRST_TIMELINE
        return await postgres(world, name, epoch, earlier=earlier, timeline=timeline)

    def server(self, roster: Roster) -> str:
        return roster.running(self.name).name

    def deploy(self, at: DataPlace) -> Iterator[Hung]:
        from liferaft.data.postgres import steps

        return steps.of_deploy(self, at)

    def snapshot(self, at: DataPlace, point: str) -> Iterator[Step]:
        from liferaft.data.postgres import steps

        return steps.of_snapshot(self, at, point)

    def failover(self, at: DataPlace, origin: Origin[Timeline]) -> Iterator[Hung]:
        from liferaft.data.postgres import steps

        if origin.facts is None:
            raise of_another_version("the timeline of the database, which this version needs")
        return steps.of_failover(
            self, at, origin, timeline=origin.facts.timeline, segments=origin.facts.segments
        )

    def read_facts(
        self, config: Config, vault: Vault, epoch: int, point: RecoveryPoint
    ) -> Timeline:
        _require_archived_since(vault, point, epoch)
        return Timeline(timeline_of(vault, epoch), _segments_since(vault, point, epoch))

    def facts_in(self, told: Mapping[str, Any]) -> Timeline | None:
        return Timeline.from_json(told)

    def look(
        self, vault: Vault, part: Part, point: str, reading: ReadingDepth, mine: Operators
    ) -> Look:
        return look_of(inspection.archive_of(vault, part, beyond=reading.beyond), vault, point)

    def look_inside(self, vault: Vault, part: Part, point: str, secrets: AppSecrets) -> Look:
        key = secrets.pgbackrest_cipher_pass.get_secret_value()
        return look_of(inspection.inspect_backup(vault, part, key), vault, point)

    def look_at_notes(self, vault: Vault, epoch: int) -> Look:
        return look_at_timeline(vault, epoch)

    def archived_until(self, vault: Vault, epoch: int) -> datetime | None:
        newest = vault.newest(archive_in_vault(epoch))
        return newest.at if newest else None


def _segments_since(vault: Vault, point: RecoveryPoint, epoch: int) -> int:
    """From the end of the point's backup to the end of the archive; 0 where neither says it.

    Numbers of segments go on from reign to reign. A hole or damage is not seen here.
    """
    newest = vault.newest(archive_in_vault(epoch))
    names = [newest.key.rpartition("/")[2]] if newest else []
    ends = [part.facts["archive_stop"] for part in point.parts if "archive_stop" in part.facts]
    return sum(
        max(0, last.number - Segment.parse(end).number) for last in archived(names) for end in ends
    )


def _require_archived_since(vault: Vault, point: RecoveryPoint, epoch: int) -> None:
    for one in range(point.epoch, epoch):
        if destroyed_at(vault, one):
            raise Refused(
                f"Recovery point {point.name} is of epoch {point.epoch}, and the database of epoch "
                f"{one} was destroyed since: today's is not in the vault yet",
                safe="Nothing was done.",
                do="Take a recovery point with `liferaft snapshot` while the primary is reached.",
            )


POSTGRES: Final = PostgresKind()
