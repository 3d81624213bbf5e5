"""Containers are started with what lets them in, and where they do not come up what ran before is
let in again."""

from dataclasses import dataclass, field

import pytest

from liferaft.compose.application import Compose
from liferaft.config import Config
from liferaft.data import registry
from liferaft.data.kind import Kind, KindFacts, Undo
from liferaft.hosts import running
from liferaft.hosts.running import WorkloadNotRunning
from liferaft.hosts.workload import Workload
from liferaft.moves.actions import workload
from liferaft.moves.actions.workload import StartWorkload
from liferaft.site.world import World


@dataclass
class Door(Kind[KindFacts]):
    """Data that lets the application in by one password."""

    lets_in: str = "old"
    tried: list[str] = field(default_factory=list)

    async def admits(self, world: World, name: str) -> bool:
        return self.lets_in == "new"

    async def admit(self, world: World, name: str) -> Undo | None:
        before, self.lets_in = self.lets_in, "new"

        async def undo() -> None:
            self.lets_in = before

        return undo if before != "new" else None


@pytest.fixture
def door(world: World, monkeypatch: pytest.MonkeyPatch) -> Door:
    """The application's only data; a server that does what it is told."""
    made = Door()

    async def nothing(*_: object, **__: object) -> None:
        made.tried.append(made.lets_in)

    async def yes(*_: object, **__: object) -> bool:
        return True

    async def no_host(_: str) -> None:
        return None

    async def no_workload(*_: object) -> Workload:
        return Workload(Compose(), {})

    monkeypatch.setattr(registry, "kept", lambda _: iter([(made, "db")]))
    monkeypatch.setattr(workload, "require_epoch", nothing)
    monkeypatch.setattr(running, "bring_up", nothing)
    monkeypatch.setattr(running, "is_installed", yes)
    monkeypatch.setattr(running, "is_running", yes)
    monkeypatch.setattr(StartWorkload, "_workload", no_workload)
    monkeypatch.setattr(world.servers, "host", no_host)
    return made


async def test_the_application_is_let_in_before_it_is_started(door: Door, world: World) -> None:
    start = StartWorkload("app-1", 1)
    assert not await start.holds(world), "whoever runs well is let in no more"
    await start.apply(world)
    assert door.tried[-1] == "new"
    assert await start.holds(world)


async def fails(world: World, monkeypatch: pytest.MonkeyPatch, failure: Exception) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise failure

    monkeypatch.setattr(running, "bring_up", fail)
    with pytest.raises(type(failure)):
        await StartWorkload("app-1", 1).apply(world)


async def test_where_it_does_not_come_up_what_runs_again_is_let_in_again(
    door: Door, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fails(world, monkeypatch, WorkloadNotRunning("it does not stay up"))
    assert door.lets_in == "old"


async def test_where_nobody_knows_what_runs_nothing_is_undone(
    door: Door, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fails(world, monkeypatch, ConnectionError("the connection was lost"))
    assert door.lets_in == "new", "the server goes on by itself, with the new one"


async def test_what_runs_on_other_servers_already_stays_let_in(
    door: Door, world: World, wide: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.site.config = wide
    await fails(world, monkeypatch, WorkloadNotRunning("it does not stay up"))
    assert door.lets_in == "new"
