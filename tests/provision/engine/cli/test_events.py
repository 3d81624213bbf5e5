"""The CLI's own recorded event streams, as our events and outcomes."""

import json
from pathlib import Path

import pytest
from pulumi.automation.events import EngineEvent
from tests.provision.engine.world import GOLDEN

from liferaft.provision.engine.cli.events import Listener
from liferaft.provision.engine.contract import OperationEvent, Outcome
from liferaft.provision.engine.urn import is_default_provider

RECORDED = sorted(GOLDEN.glob("data/*/*/up.events.jsonl"))
NAMES = [f"{path.parts[-3]} {path.parts[-2]}" for path in RECORDED]


def heard(text: str) -> tuple[Listener, list[OperationEvent]]:
    events: list[OperationEvent] = []
    listener = Listener(events.append, preview=False)
    for line in text.splitlines():
        listener.hear(EngineEvent.from_json(json.loads(line)))
    return listener, events


@pytest.mark.parametrize("path", RECORDED, ids=NAMES)
def test_a_recorded_run_becomes_the_outcome_that_the_embedded_engine_gives(
    path: Path,
) -> None:
    text = path.read_text()
    told = json.loads((path.parent / "up.json").read_text())
    listener, events = heard(text)
    outcome = listener.outcome({}, frozenset(), ok=told["ok"])
    expected = [(op, urn) for op, urn in told["steps"] if not is_default_provider(urn)]
    # A refresh has no order but that of the providers' answers.
    order = sorted if "refresh" in path.parts[-2] else list
    assert order(outcome.steps) == order(expected)
    assert outcome.changes == told["changes"]
    said = [error.strip() for error in told["errors"]]
    assert list(outcome.errors[: len(said)]) == said  # then the CLI's own `update failed`
    assert [(e.op, e.urn) for e in events if e.moment == "finished"] == [*outcome.steps]
    assert listener.heard
    assert listener.ended


def test_that_our_plugin_is_taken_from_path_is_no_warning() -> None:
    line = {
        "diagnosticEvent": {
            "message": "using pulumi-resource-liferaft from $PATH at /x\n",
            "severity": "warning",
        },
        "sequence": 1,
        "timestamp": 1,
    }
    listener, events = heard(json.dumps(line))
    outcome: Outcome = listener.outcome({}, frozenset(), ok=True)
    assert (outcome.diagnostics, events) == ((), [])
