"""Unmodified Pulumi programs on the embedded engine, held against what the Pulumi CLI did.

`golden/` holds what CLI 3.260 wrote and said for each phase: the checkpoint, the event log's
steps and counts (`up.json`), the preview (`preview.json`). The provider is a real plugin process.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.provision.engine.comparing import comes_after_its_dependencies, settled
from tests.provision.engine.world import GOLDEN, World

from liferaft.provision.engine.contract import Outcome
from liferaft.provision.engine.urn import STACK_TYPE, is_default_provider

pytestmark = pytest.mark.golden


_ECHO = "program exited with non-zero exit code: 1"  # the CLI's second row for a RunError


@dataclass(frozen=True)
class Scenario:
    name: str
    sentence: str
    phases: tuple[str, ...]
    previews: bool = False


SCENARIOS = (
    Scenario("01-create", "creates, then changes nothing", ("p1", "p2"), previews=True),
    Scenario("02-update", "updates in place", ("p1", "p2"), previews=True),
    Scenario("03-replace", "replaces, creating before deleting", ("p1", "p2"), previews=True),
    Scenario("04-delete-before-replace", "replaces, deleting dependents first", ("p1", "p2")),
    Scenario("05-delete", "deletes what left the program", ("p1", "p2", "p3"), previews=True),
    Scenario("06-components", "knows components and every kind of output", ("p1", "p2")),
    Scenario("07-dependencies", "keeps every kind of dependency", ("p1", "p2")),
    Scenario("08-secrets", "seals secrets wherever they flow", ("p1", "p2"), previews=True),
    Scenario("09-protect", "spares what is protected", ("p1", "p2", "p3", "p4", "p5")),
    Scenario("10-ignore", "ignores and replaces as options say", ("p1", "p2", "p3", "p4")),
    Scenario("11-aliases", "finds renamed resources again", ("p1", "p2", "p3")),
    Scenario("12-providers", "configures explicit and default providers", ("p1",)),
    Scenario(
        "13-failures", "keeps what was done before a failure", tuple(f"p{n}" for n in range(1, 9))
    ),
    Scenario("18-destroy", "destroys from the leaves", ("p1", "p2-destroy", "p3-destroy-empty")),
    Scenario("19-unknowns", "previews with unknown values", ("p1", "p2"), previews=True),
    Scenario(
        "20-raises", "deletes nothing when a program fails", tuple(f"p{n}" for n in range(1, 10))
    ),
    Scenario("21-check-failure", "shows every input refused", ("p1", "p2", "p3")),
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[f"{s.name}: {s.sentence}" for s in SCENARIOS])
async def test_the_embedded_engine_does_as_the_pulumi_cli(
    scenario: Scenario, tmp_path: Path
) -> None:
    world = World(tmp_path, GOLDEN / "programs" / scenario.name)
    if scenario.name == "08-secrets":
        world.config = {"golden:plain": "visible"}
        world.secret_config = {"golden:token": "s3cr3t-token"}
    if scenario.name == "12-providers":
        world.config, world.secret_config = {"liferaft:region": "nbg1"}, {"liferaft:token": "t0"}
    for phase in scenario.phases:
        expected = GOLDEN / "data" / scenario.name / phase
        number = int(phase.split("-")[0].removeprefix("p"))
        if scenario.previews:
            outcome = await world.run("preview", number)
            told = json.loads((expected / "preview.json").read_text())
            _assert_as_told(outcome, told, phase, shown=_shown_in_preview)
            said = {message for d in outcome.diagnostics for message in d.message.splitlines()}
            assert {p for p in told["prints"] if " at 0x" not in p} <= said, phase
        outcome = await world.run("destroy" if "destroy" in phase else "up", number)
        _assert_as_told(outcome, json.loads((expected / "up.json").read_text()), phase)
        written = settled(world.checkpoint_file.read_text())
        assert written == settled((expected / "checkpoint.json").read_text()), phase
        assert comes_after_its_dependencies(world.latest), phase
        assert not world.locks
        if (scenario.name, phase) == ("09-protect", "p1"):
            refused = await world.run("destroy")  # as it was recorded: `keep` goes, `web` stays
            assert not refused.ok
            assert "cannot be deleted" in refused.errors[0]


def _all_steps(_: str, urn: str) -> bool:
    return not is_default_provider(urn)


def _shown_in_preview(op: str, urn: str) -> bool:
    """`preview --json` leaves out what is the same, but for the Stack."""
    return _all_steps(op, urn) and (op != "same" or STACK_TYPE in urn)


def _assert_as_told(
    outcome: Outcome, told: dict[str, Any], phase: str, shown: Any = _all_steps
) -> None:
    assert outcome.ok == told["ok"], (phase, outcome.diagnostics)
    for text in (text for text in told["errors"] if _ECHO not in text):
        assert any(_meaning(text) in message for message in outcome.errors), (phase, outcome.errors)
    if not told["ok"]:
        return  # how much had been begun when something failed is a matter of timing
    ours = sorted((op, urn) for op, urn in outcome.steps if shown(op, urn))
    assert ours == sorted((op, urn) for op, urn in told["steps"] if shown(op, urn)), phase
    assert outcome.changes == told["changes"], phase


def _meaning(text: str) -> str:
    """The line of an error that says what was wrong: the last of a traceback, else the first."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    if "Traceback" in text:
        return lines[-1]
    if "errors occurred" in text:
        return lines[1].strip("\t *")
    return lines[0].removeprefix("error: ").removeprefix("an unhandled error occurred: ")
