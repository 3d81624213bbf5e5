"""Unmodified Pulumi programs on the embedded engine, held against what the Pulumi CLI did.

`golden/` holds what CLI 3.260 wrote and said for each phase: the checkpoint, the event log's
steps and counts (`up.json`), previews (`preview*.json`). The provider is a real plugin process.
"""

import asyncio
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.provision.engine.embedded.comparing import (
    comes_after_its_dependencies,
    out_of_order,
    settled,
)
from tests.provision.engine.embedded.scenarios import AFTER_A_KILL, SCENARIOS, Phase, Scenario
from tests.provision.engine.world import GOLDEN, World, until

from liferaft.provision.engine.contract import Outcome
from liferaft.provision.engine.embedded.engine import EmbeddedEngine
from liferaft.provision.engine.faults import BadProgram, Locked
from liferaft.provision.engine.state.values import SIGNATURE
from liferaft.provision.engine.urn import STACK_TYPE, is_default_provider

pytestmark = [pytest.mark.golden, pytest.mark.timeout(600)]


# What the CLI says a second time: for a RunError, and for any failed preview.
_ECHOES = ("program exited with non-zero exit code: 1", "preview failed\n")
_PREVIEWS = {
    "preview": ("preview", False),
    "preview-with-refresh": ("preview", True),
    "refresh-preview": ("preview-refresh", False),
}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[f"{s.name}: {s.sentence}" for s in SCENARIOS])
async def test_the_embedded_engine_does_as_the_pulumi_cli(
    scenario: Scenario, tmp_path: Path
) -> None:
    world = World(tmp_path, GOLDEN / "programs" / scenario.name)
    world.config, world.secret_config = scenario.config, scenario.secret_config
    for phase in scenario.phases:
        await _play(world, phase)
        if (scenario.name, phase.folder) == ("09-protect", "p1"):
            refused = await world.run("destroy")  # as it was recorded: `keep` goes, `web` stays
            assert not refused.ok
            assert "cannot be deleted" in refused.errors[0]


async def test_a_killed_run_leaves_a_lock_and_its_pending_creation_as_the_pulumi_clis(
    tmp_path: Path,
) -> None:
    world = World(tmp_path, GOLDEN / "programs" / "14-killed")
    data = GOLDEN / "data" / "14-killed"
    await _kill_while_it_creates(world)
    _assert_written(world, data / "p1")
    (lock,) = world.locks
    shutil.copy(data / "p1/lock.json", lock)

    _assert_as_told(
        await world.run("preview", 2),
        json.loads((data / "p2-locked/preview.json").read_text()),
        shown=_shown_in_preview,
    )
    with pytest.raises(Locked) as locked:
        await world.run("up", 2)
    assert "root@vm (pid 4838)" in locked.value.facts.happened
    _assert_written(world, data / "p2-locked")

    (holder,) = await EmbeddedEngine().cancel(world.request())
    assert (holder.who, holder.since[:10]) == ("root@vm (pid 4838)", "2026-11-22")
    assert not world.locks
    assert await EmbeddedEngine().cancel(world.request()) == ()
    _assert_written(world, data / "p3-cancel")
    for phase in AFTER_A_KILL:
        await _play(world, phase)
    assert {"server-slow-1", "server-slow-2"} <= world.objects.keys(), "as the CLI, with plugins"


async def _kill_while_it_creates(world: World) -> None:
    """Caller and engine, so that neither tidies up after the other."""
    code = (
        "import asyncio; from pathlib import Path; from tests.provision.engine.world import World;"
        f"asyncio.run(World(Path({str(world.root)!r}), Path({str(world.program)!r})).run('up'))"
    )
    caller = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, cwd=Path(__file__).parents[4]
    )
    await until(world.is_creating, "the slow server")
    engine = int(json.loads(world.locks[0].read_text())["pid"])
    os.kill(engine, signal.SIGSTOP)
    caller.kill()
    await caller.wait()
    os.kill(engine, signal.SIGKILL)


@pytest.mark.parametrize(
    ("phase", "text", "said"),
    [
        ("p10-no-program", None, "no __main__.py"),
        ("p11-syntax-error", "def broken(:\n", "SyntaxError: invalid syntax"),
    ],
)
async def test_a_program_that_cannot_be_run_changes_nothing(
    phase: str, text: str | None, said: str, tmp_path: Path
) -> None:
    program = tmp_path / "program"
    shutil.copytree(GOLDEN / "programs" / "20-raises", program)
    world = World(tmp_path, program)
    await world.run("up", 1)
    before = settled(world.checkpoint_file.read_text())
    (program / "__main__.py").unlink()
    told = json.loads((GOLDEN / "data" / "20-raises" / phase / "up.json").read_text())
    assert not told["ok"]
    if text is None:
        with pytest.raises(BadProgram, match=said):
            await world.run("up", 10)
    else:
        (program / "__main__.py").write_text(text)
        outcome = await world.run("up", 11)
        assert not outcome.ok
        assert said in outcome.errors[0]
    assert settled(world.checkpoint_file.read_text()) == before


async def _play(world: World, phase: Phase) -> None:
    if phase.drift is not None:
        world.drift(phase.drift)
    world.stack = phase.stack
    expected = GOLDEN / "data" / world.program.name / phase.folder
    before = world.latest.get("resources", []) if world.checkpoint_file.exists() else []
    for name, (operation, refresh) in _PREVIEWS.items():
        file = expected / f"{name}.json"
        if not file.exists():
            continue
        told = json.loads(file.read_text())
        outcome = await world.run(operation, phase.number, refresh=refresh)
        whole = _by_result if operation == "preview-refresh" else _shown_in_preview
        _assert_as_told(outcome, told, shown=whole)
        said = {message for d in outcome.diagnostics for message in d.message.splitlines()}
        assert {p for p in told["prints"] if " at 0x" not in p} <= said, phase.folder
    told = json.loads((expected / "up.json").read_text())
    outcome = await world.run(phase.operation, phase.number, **phase.options)
    _assert_as_told(outcome, told)
    _assert_written(world, expected)
    now = world.latest.get("resources", [])
    assert comes_after_its_dependencies(world.latest), phase.folder
    if told["ok"] and phase.operation != "refresh" and not phase.options:
        assert out_of_order(told["steps"], [*before, *now]) == [], "what is asked for is so there"
        assert out_of_order(outcome.steps, [*before, *now]) == [], phase.folder
        _assert_outputs(outcome, now)
    assert not world.locks


def _assert_written(world: World, expected: Path) -> None:
    written = settled(world.checkpoint_file.read_text())
    assert written == settled((expected / "checkpoint.json").read_text()), expected.name


def _assert_outputs(outcome: Outcome, rows: list[dict[str, Any]]) -> None:
    (stack,) = [row for row in rows if row["type"] == STACK_TYPE] or [{}]
    written = stack.get("outputs", {})
    assert outcome.outputs.keys() == written.keys()
    for key, value in written.items():
        secret = SIGNATURE in json.dumps(value)
        assert (key in outcome.secret_outputs) == secret, key
        assert secret or outcome.outputs[key] == value, key


def _all_steps(_: str, urn: str) -> bool:
    return not is_default_provider(urn)


def _shown_in_preview(op: str, urn: str) -> bool:
    """`preview --json` leaves out what is the same, but for the Stack."""
    return _all_steps(op, urn) and (op != "same" or STACK_TYPE in urn)


def _by_result(op: str, _: str) -> bool:
    """`refresh --preview-only --json` calls `refresh` what is not gone."""
    return op == "delete"


def _assert_as_told(
    outcome: Outcome, told: dict[str, Any], shown: Callable[[str, str], bool] = _all_steps
) -> None:
    assert outcome.ok == told["ok"], outcome.diagnostics
    for text in (text for text in told["errors"] if not any(echo in text for echo in _ECHOES)):
        assert any(_meaning(text) in message for message in outcome.errors), outcome.errors
    if not told["ok"]:
        return  # how much had been begun when something failed is a matter of timing
    ours = sorted((op, urn) for op, urn in outcome.steps if shown(op, urn))
    assert ours == sorted((op, urn) for op, urn in told["steps"] if shown(op, urn))
    assert outcome.changes == told["changes"]


def _meaning(text: str) -> str:
    """The line of an error that says what was wrong: the last of a traceback, else the first."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    if "Traceback" in text:
        return lines[-1]
    if "errors occurred" in text:
        return lines[1].strip("\t *")
    said = lines[0].removeprefix("error: ").removeprefix("Preview failed: ")
    return said.removeprefix("an unhandled error occurred: ")
