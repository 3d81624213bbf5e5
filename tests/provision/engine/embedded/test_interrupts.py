"""A run that is interrupted ends what is under way; one that is killed, the next takes up."""

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

import pytest
from tests.provision.engine.world import (
    GOLDEN,
    World,
    child_pid,
    toy,
    until,
    world,
)

from liferaft.provision.engine.embedded import engine as embedded
from liferaft.provision.engine.faults import EngineDied, Locked

pytestmark = [pytest.mark.golden, pytest.mark.timeout(600)]


async def test_a_run_killed_while_it_creates_is_taken_up_by_the_next(tmp_path: Path) -> None:
    killed = World(tmp_path, GOLDEN / "programs" / "14-killed")
    running = asyncio.create_task(killed.run("up"))
    await until(killed.is_creating, "the slow server")
    os.kill(child_pid(killed), signal.SIGKILL)
    with pytest.raises(EngineDied) as died:
        await running
    assert "SIGKILL" in died.value.facts.happened
    assert [op["type"] for op in killed.latest["pending_operations"]] == ["creating"]
    assert not killed.locks, "whoever had started it knows that it is gone"

    outcome = await killed.run("up", phase=2)
    assert outcome.ok
    assert any("killed while it created" in d.message for d in outcome.diagnostics)
    assert "slow" in killed.names()


ADOPTED = """
class Thing(pulumi.CustomResource):
    def __init__(self, name, **props):
        super().__init__("toy:index:Thing", name, props)
Thing("slow", delay=60 if PHASE == 1 else 0)
"""


async def test_what_our_provider_had_begun_to_create_is_adopted_and_no_longer_pending(
    tmp_path: Path,
) -> None:
    killed = world(tmp_path, ADOPTED)
    running = asyncio.create_task(killed.run("up", **toy(killed, 1)))
    await until(lambda: bool(killed.objects), "the slow thing")
    os.kill(child_pid(killed), signal.SIGKILL)
    with pytest.raises(EngineDied):
        await running
    ((urn, made_at),) = killed.objects.items()
    (pending,) = killed.latest["pending_operations"]
    assert (pending["type"], pending["resource"]["urn"]) == ("creating", urn)

    outcome = await killed.run("up", **toy(killed, 2))
    assert outcome.ok
    assert outcome.changes == {"same": 1, "create": 1}
    assert killed.objects == {urn: made_at}, "nothing was made twice"
    assert "pending_operations" not in killed.latest


SLOW = """
until = os.environ["LIFERAFT_CLOUD"].replace(".json", ".go")
slow = Server("slow", image="debian-12", until=until)
Volume("late", server=slow.id)
"""


async def test_an_interrupted_run_ends_what_is_under_way_and_starts_nothing_new(
    tmp_path: Path,
) -> None:
    slow = world(tmp_path, SLOW)
    running = asyncio.create_task(slow.run("up"))
    await until(slow.is_creating, "the slow server")
    os.kill(child_pid(slow), signal.SIGTERM)
    await until(lambda: slow.was_told("interrupted by SIGTERM"), "the interrupt")
    slow.go.touch()
    outcome = await running
    assert not outcome.ok
    assert "interrupted by SIGTERM" in outcome.errors[0]
    assert {"slow"} <= slow.names()
    assert "late" not in slow.names()
    assert "pending_operations" not in slow.latest
    assert not slow.locks
    assert (await slow.run("up")).changes == {"same": 2, "create": 1}


async def test_a_cancelled_caller_waits_for_what_is_under_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "INTERRUPT_SECONDS", 90.0)
    slow = world(tmp_path, SLOW)
    running = asyncio.create_task(slow.run("up"))
    await until(slow.is_creating, "the slow server")
    running.cancel()
    await until(lambda: slow.was_told("interrupted by SIGINT"), "the interrupt")
    assert not running.done()
    slow.go.touch()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert "slow" in slow.names()
    assert not slow.locks


async def test_the_engine_writes_its_state_to_the_end_when_its_caller_is_killed(
    tmp_path: Path,
) -> None:
    slow = world(tmp_path, SLOW)
    code = (
        "import asyncio; from pathlib import Path; from tests.provision.engine.world import World;"
        f"asyncio.run(World(Path({str(slow.root)!r}), Path({str(slow.program)!r})).run('up'))"
    )
    caller = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, cwd=Path(__file__).parents[4]
    )
    await until(slow.is_creating, "the slow server")
    caller.kill()
    await caller.wait()
    slow.go.touch()
    await until(lambda: not slow.locks, "the orphaned engine to give its lock back")
    assert "slow" in slow.names()
    assert "pending_operations" not in slow.latest


async def test_a_second_up_is_refused_and_told_who_holds_the_lock(tmp_path: Path) -> None:
    slow = world(tmp_path, SLOW)
    running = asyncio.create_task(slow.run("up"))
    await until(slow.is_creating, "the slow server")
    pid = child_pid(slow)
    before = slow.checkpoint_file.read_bytes()
    with pytest.raises(Locked) as locked:
        await slow.run("up")
    assert f"(pid {pid}) since" in locked.value.facts.happened
    assert "pulumi cancel" in locked.value.facts.do
    assert slow.checkpoint_file.read_bytes() == before
    slow.go.touch()
    assert (await running).ok


async def test_a_program_that_hangs_does_not_hinder_an_interrupt(tmp_path: Path) -> None:
    hanging = world(tmp_path, "import time\nprint('here')\ntime.sleep(600)\n")
    running = asyncio.create_task(hanging.run("up"))
    await until(lambda: hanging.was_told("here"), "the program")
    os.kill(child_pid(hanging), signal.SIGINT)
    with contextlib.suppress(EngineDied):
        async with asyncio.timeout(90):
            assert not (await running).ok
    assert not hanging.locks
