"""How a run looks where no terminal is: a line an event."""

from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from liferaft.moves.runner import StepEvent
from liferaft.plan.inputs import Inputs
from liferaft.plan.plan import Plan
from liferaft.plan.step import Step
from liferaft.plan.telling import TOLD
from liferaft.site.world import World
from liferaft_cli import screen
from liferaft_cli.screen import PlanProgress, ask


@dataclass(frozen=True)
class Nothing:
    async def holds(self, world: World) -> bool:
        raise AssertionError

    async def apply(self, world: World) -> dict[str, str]:
        raise AssertionError

    async def prove(self, world: World) -> None:
        raise AssertionError


PLAN = Plan(
    "deploy",
    Inputs(site="east", epoch=1, reigns=True),
    (Step("a", "Do this", Nothing()), Step("b", "Do that", Nothing(), needs=("a",))),
)


def test_each_event_is_a_line_with_its_time(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter((100.0, 101.0, 101.5, 111.5, 114.5))
    monkeypatch.setattr(screen, "time", SimpleNamespace(monotonic=moments.__next__))
    with PlanProgress(PLAN) as progress:
        progress(StepEvent("started", "a", "Do this", {}))
        progress(StepEvent("held", "a", "Do this", {}))
        progress(StepEvent("started", "b", "Do that", {}))
        progress(StepEvent("failed", "b", "Do that", {}))
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        "    1.0 s  … Do this: begins",
        "    1.5 s  = Do this: holds already in 0.5 s",
        "   11.5 s  … Do that: begins",
        "   14.5 s  ✗ Do that: FAILED in 3.0 s",
    ]


def test_what_has_to_be_known_though_nothing_failed_is_said_at_the_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with PlanProgress(PLAN) as progress:
        progress(StepEvent("started", "a", "Do this", {}))
        progress(StepEvent("done", "a", "Do this", {TOLD: ["Not kept: 'a'"]}))
        progress(StepEvent("held", "b", "Do that", {}))
    assert capsys.readouterr().err.splitlines()[-1] == "Not kept: 'a'"


def test_the_table_of_a_terminal_has_a_row_for_every_step() -> None:
    with PlanProgress(PLAN) as progress:
        progress(StepEvent("started", "a", "Do this", {}))
        table = progress.table()
    assert table.row_count == 2
    assert list(table.columns[1].cells) == ["Do this", "Do that"]


def test_what_a_waiting_step_sees_is_a_line_with_its_time_and_gone_when_it_ends(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter((100.0, 101.0, 106.0, 107.0, 108.0, 109.0))
    monkeypatch.setattr(screen, "time", SimpleNamespace(monotonic=moments.__next__))
    with PlanProgress(PLAN) as progress:
        progress(StepEvent("started", "a", "Do this", {}))
        progress(StepEvent("waits", "a", "Do this", {"seen": "it answers 503 [red]"}))
        waiting = list(progress.table().columns[1].cells)
        progress(StepEvent("done", "a", "Do this", {}))
        ended = list(progress.table().columns[1].cells)
    assert waiting[0] == r"Do this\n  it answers 503 \[red]".replace(r"\n", "\n")
    assert ended[0] == "Do this"
    assert capsys.readouterr().err.splitlines()[1:] == [
        "    6.0 s    Do this: it answers 503 [red]",
        "    8.0 s  ✓ Do this: done in 7.0 s",
    ]


def test_yes_is_not_asked() -> None:
    assert ask("Do it?", yes=True)
