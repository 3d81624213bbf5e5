"""Two engines, one state: what the one began, the other goes on with. Needs the Pulumi CLI.

Where there is none, these tests are not there, and the end of the run says so (`real_cli`).
"""

import asyncio
import json
import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from tests.provision.engine.real_cli import CLI, said, usable
from tests.provision.engine.world import GOLDEN, World, until

from liferaft.provision.engine.cli.engine import CliEngine
from liferaft.provision.engine.cli.executable import Executable
from liferaft.provision.engine.contract import Engine, Outcome
from liferaft.provision.engine.embedded.engine import EmbeddedEngine
from liferaft.provision.engine.faults import EngineDied, Locked
from liferaft.provision.engine.state.lock import Lock
from liferaft.provision.engine.state.storage import Storage

pytestmark = [pytest.mark.golden, pytest.mark.timeout(600)]


def real() -> Engine:
    assert CLI is not None
    return CliEngine(CLI, os.environ)


ENGINES: Mapping[str, Callable[[], Engine]] = {"cli": real, "embedded": EmbeddedEngine}
BOTH_WAYS = pytest.mark.parametrize(("first", "second"), [("cli", "embedded"), ("embedded", "cli")])
REAL = pytest.mark.real_cli


def scenario(tmp_path: Path, name: str) -> World:
    world = World(tmp_path, GOLDEN / "programs" / name)
    if name == "08-secrets":
        world.config = {"golden:plain": "visible"}
        world.secret_config = {"golden:token": "s3cr3t-token"}
    return world


async def run(engine: str, operation: str, world: World, phase: int = 1) -> Outcome:
    asked = getattr(ENGINES[engine](), operation)
    outcome: Outcome = await asked(world.request(phase), world.events.append)
    return outcome


def same(outcome: Outcome) -> bool:
    return outcome.ok and {op for op, _ in outcome.steps} <= {"same", "read"}


@REAL
@BOTH_WAYS
@pytest.mark.parametrize("name", ["02-update", "03-replace", "06-components", "08-secrets"])
async def test_the_other_engine_sees_no_change_then_updates_and_destroys(
    name: str, first: str, second: str, tmp_path: Path
) -> None:
    world = scenario(tmp_path, name)
    made = await run(first, "up", world)
    assert made.ok, made.errors
    assert same(await run(second, "preview", world))
    again = await run(second, "up", world)
    assert same(again)
    assert again.outputs == made.outputs
    assert again.secret_outputs == made.secret_outputs
    changed = await run(second, "up", world, phase=2)
    assert changed.ok, changed.errors
    assert same(await run(first, "preview", world, phase=2))
    assert same(await run(first, "refresh", world, phase=2)) or name == "06-components"
    gone = await run(second, "destroy", world, phase=2)
    assert gone.ok, gone.errors
    assert world.objects == {}
    assert not world.latest.get("resources")


@REAL
@BOTH_WAYS
async def test_what_one_engine_was_killed_at_the_other_brings_to_its_end(
    first: str, second: str, tmp_path: Path
) -> None:
    world = scenario(tmp_path, "14-killed")
    running = asyncio.create_task(run(first, "up", world))
    await until(world.is_creating, "the slow server")
    os.kill(int(json.loads(world.locks[0].read_text())["pid"]), signal.SIGKILL)
    with pytest.raises(EngineDied):
        await running
    assert not world.locks, "whoever had started it knows that it is gone"
    outcome = await run(second, "up", world, phase=2)
    assert outcome.ok, outcome.errors
    assert "slow" in world.names()
    assert same(await run(first, "preview", world, phase=2))


@REAL
async def test_each_engine_honours_the_others_lock(tmp_path: Path) -> None:
    world = scenario(tmp_path, "14-killed")
    await run("embedded", "up", world, phase=2)
    lock = Lock(Storage(world.request().state), "golden", "dev")
    await lock.acquire()
    for engine in ENGINES:
        with pytest.raises(Locked):
            await run(engine, "up", world, phase=2)
    await lock.release()


@REAL
async def test_both_engines_add_to_one_history(tmp_path: Path) -> None:
    world = scenario(tmp_path, "02-update")
    await run("embedded", "up", world)
    await run("cli", "up", world, phase=2)
    await run("embedded", "up", world, phase=2)
    kept = sorted((tmp_path / "state/.pulumi/history/golden/dev").glob("*.history.json"))
    assert [json.loads(path.read_text())["result"] for path in kept] == ["succeeded"] * 3


def test_it_is_said_whether_the_real_cli_took_part() -> None:
    assert said(None) == "real Pulumi CLI: not run here: no `pulumi` on PATH"
    old = Executable(Path("/x/pulumi"), (3, 100, 0))
    assert said(old) == "real Pulumi CLI: not run here: /x/pulumi is 3.100.0, not 3.206.0 or newer"
    assert not usable(old)
    assert usable(Executable(Path("/x/pulumi"), None))
    assert said(CLI).startswith("real Pulumi CLI: ")
