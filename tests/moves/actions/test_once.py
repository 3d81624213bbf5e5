"""Jobs of a release are let in with what they are told, while what runs was told otherwise."""

from dataclasses import dataclass, field

import pytest

from liferaft.compose.application import Compose
from liferaft.data import registry
from liferaft.data.kind import Kind, KindFacts, Undo
from liferaft.failures import Failure
from liferaft.hosts import once
from liferaft.hosts.once import JobFailed
from liferaft.hosts.workload import Workload
from liferaft.moves.actions import once as action
from liferaft.moves.actions.once import RunJobsOnce
from liferaft.site.world import World


@dataclass
class Door(Kind[KindFacts]):
    """Data that lets the application in by one password; `met`: by which, while a job ran."""

    lets_in: str = "old"
    met: list[str] = field(default_factory=list)
    failure: Exception | None = None

    async def admit(self, world: World, name: str) -> Undo | None:
        before, self.lets_in = self.lets_in, "new"

        async def undo() -> None:
            self.lets_in = before

        return undo if before != "new" else None

    async def run(self, *_: object, **__: object) -> None:
        self.met.append(self.lets_in)
        if self.failure is not None:
            raise self.failure


@pytest.fixture
def door(world: World, monkeypatch: pytest.MonkeyPatch) -> Door:
    """The application's only data; a server that runs jobs as it is told."""
    made = Door()

    async def nothing(*_: object) -> None:
        return None

    async def no_workload(*_: object) -> Workload:
        return Workload(Compose(), {})

    monkeypatch.setattr(registry, "kept", lambda _: iter([(made, "db")]))
    monkeypatch.setattr(action, "require_epoch", nothing)
    monkeypatch.setattr(once, "run_once", made.run)
    monkeypatch.setattr(RunJobsOnce, "_workload", no_workload)
    monkeypatch.setattr(world.servers, "host", nothing)
    return made


@pytest.mark.parametrize("failure", [None, JobFailed("it ended with exit code 1")])
async def test_a_job_is_let_in_and_what_runs_is_let_in_again_afterwards(
    door: Door, world: World, failure: Failure | None
) -> None:
    door.failure = failure
    try:
        await RunJobsOnce("app-1", 1).apply(world)
    except JobFailed:
        assert failure is not None
    assert (door.met, door.lets_in) == (["new"], "old")


async def test_a_job_that_may_run_on_stays_let_in(door: Door, world: World) -> None:
    door.failure = ConnectionError("the connection was lost")
    with pytest.raises(ConnectionError):
        await RunJobsOnce("app-1", 1).apply(world)
    assert door.lets_in == "new"


async def test_where_the_new_one_counts_already_nothing_is_taken_back(
    door: Door, world: World
) -> None:
    door.lets_in = "new"
    await RunJobsOnce("app-1", 1).apply(world)
    assert door.lets_in == "new", "a failover's database has it since its promotion"
