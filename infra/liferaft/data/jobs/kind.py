"""Jobs of a schedule as a kind of data, of which nothing is kept: timers are put on servers of the
site that reigns by each deploy and failover, and by no drill."""

from collections.abc import Collection, Iterator
from typing import Any, ClassVar, Final

from liferaft.data.kind import DataPlace, Kind, KindFacts, Origin
from liferaft.data.rclone import PACKAGES
from liferaft.plan.milestones import Hung, Milestone
from liferaft.site.roster import Roster, Seat


class JobsKind(Kind[KindFacts]):
    """Only where liferaft.toml has jobs with a schedule."""

    name: ClassVar[str] = "jobs"
    is_of_app: ClassVar[bool] = False

    def packages(self, roster: Roster, seat: Seat) -> Collection[str]:
        return (*PACKAGES, "python3") if seat.services else ()

    def server(self, roster: Roster) -> str:
        return roster.edge.name

    def deploy(self, at: DataPlace) -> Iterator[Hung]:
        """Once the service is proved: what is not well yet has no jobs."""
        from liferaft.data.jobs.schedule import of_schedule

        yield from (Hung(step, Milestone.PROVED) for step in of_schedule(at))

    def failover(self, at: DataPlace, origin: Origin[Any]) -> Iterator[Hung]:
        yield from self.deploy(at)

    def drill(self, at: DataPlace, origin: Origin[Any]) -> Iterator[Hung]:
        """A job could write to others, or to whom it bills."""
        yield from ()


JOBS: Final = JobsKind()
