"""The runner of trials, with runs of milliseconds."""

import itertools
import json
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import benchmarks.trials
import pytest
from benchmarks.parts import Part
from benchmarks.trials import Trials


def program(line: str) -> Part:
    """Runs a line of Python with `seed` and `folder`; each run leaves its folder's figures."""

    def command(seed: int, folder: Path) -> list[str]:
        begin = f"from pathlib import Path; seed, folder = {seed}, Path({str(folder)!r});"
        return [sys.executable, "-c", f"{begin} {line}"]

    def figures(folder: Path) -> dict[str, Any]:
        return {"ran": (folder / "ran").exists()}

    return Part("small", (1, 2), command, figures)


def rows(results: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(results.read_text())
    return found


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def trials(tmp_path: Path, said: list[str]) -> Trials:
    return Trials(tmp_path / "trials.json", tmp_path / "work", "c0ffee", said.append)


def test_a_result_says_commit_seed_command_and_figures(trials: Trials, tmp_path: Path) -> None:
    assert trials.run(program("(folder / 'ran').touch()"))
    first = rows(tmp_path / "trials.json")[0]
    assert (first["commit"], first["seed"], first["passed"]) == ("c0ffee", 1, True)
    assert first["command"].startswith(sys.executable)
    assert first["figures"] == {"ran": True}


def test_what_passed_at_this_commit_is_not_run_again(trials: Trials, said: list[str]) -> None:
    part = program("(folder / 'ran').touch(exist_ok=False)")
    assert trials.run(part)
    assert trials.run(part)
    assert sum("passed before" in line for line in said) == 2


def test_what_failed_is_run_again_and_its_attempts_are_told(trials: Trials, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    part = program(f"Path({str(gate)!r}).read_text() if seed == 2 else None")
    assert not trials.run(part)
    gate.touch()
    assert trials.run(part)
    assert [row["attempts"] for row in rows(tmp_path / "trials.json")] == [1, 2]


def test_another_commit_runs_all_again(trials: Trials, tmp_path: Path, said: list[str]) -> None:
    part = program("pass")
    assert trials.run(part)
    later = Trials(tmp_path / "trials.json", tmp_path / "work", "decade", said.append)
    assert later.run(part)
    assert {row["commit"] for row in rows(tmp_path / "trials.json")} == {"decade"}


def test_a_part_ends_when_its_time_is_over(
    trials: Trials, tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a clock that goes on a little whenever somebody looks at it."""
    moments = SimpleNamespace(monotonic=itertools.count(0.0, 0.15).__next__)
    monkeypatch.setattr(benchmarks.trials, "time", moments)
    assert not trials.run(program("import time; time.sleep(600)"), seconds=0.2)
    assert [row["passed"] for row in rows(tmp_path / "trials.json")] == [False]
    assert "small, seed 2: not run, the part's time is over" in said


def test_what_runs_share_is_taken_away_after_a_failure_and_at_the_end(trials: Trials) -> None:
    story: list[str] = []
    part = replace(
        program("0 / (seed - 1)"),
        prepare=lambda: story.append("prepared"),
        tidy=lambda: story.append("tidy"),
    )
    assert not trials.run(part)
    assert story == ["prepared", "tidy", "prepared", "tidy"]
