"""Records as a kind of data: nothing of them is restored, since every command reads them where they
are. What servers do of them is to bring a vault that was away what it lacks."""

from collections.abc import Collection, Iterator
from typing import Any, ClassVar, Final

from liferaft.config import Config
from liferaft.data.kind import DataPlace, Kind, KindFacts, Origin
from liferaft.plan.milestones import Hung, Milestone
from liferaft.plan.step import Step
from liferaft.site.roster import Roster, Seat


class RecordsKind(Kind[KindFacts]):
    """Only where there are several vaults: one has no other to be brought anything from."""

    name: ClassVar[str] = "records"
    is_of_app: ClassVar[bool] = False

    def packages(self, roster: Roster, seat: Seat) -> Collection[str]:
        return ("python3",) if seat == roster.database else ()

    def server(self, roster: Roster) -> str:
        return roster.database.name

    def schedule(self, at: DataPlace) -> Iterator[Step]:
        from liferaft.data.records.schedule import of_schedule

        if has_several(at.config):
            yield of_schedule(self, at)

    def schedule_where_asked_for(self, at: DataPlace) -> Iterator[Hung]:
        """Nobody has to ask for it: several vaults are asked for with their tables."""
        yield from (Hung(step, Milestone.PROVED) for step in self.schedule(at))

    def deploy(self, at: DataPlace) -> Iterator[Hung]:
        yield from self.schedule_where_asked_for(at)

    def failover(self, at: DataPlace, origin: Origin[Any]) -> Iterator[Hung]:
        yield from self.schedule_where_asked_for(at)

    def drill(self, at: DataPlace, origin: Origin[Any]) -> Iterator[Hung]:
        """What is brought back on trial writes to no vault."""
        yield from ()


def has_several(config: Config) -> bool:
    """Whether servers reach more than one vault: a folder is an operator's alone."""
    return sum(not vault.url.startswith("file:") for vault in config.vaults.values()) > 1


RECORDS: Final = RecordsKind()
