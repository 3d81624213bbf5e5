"""The parts of the trials: what is run, and with which figures."""

import importlib.util
from pathlib import Path

import pytest
from benchmarks.damage import PROOFS, configurations
from benchmarks.parts import PARTS, rehearsal_figures
from tests.benchmarks.proof import figures_of

from liferaft_sandbox.rehearsal.stories import STORIES


def test_a_rehearsal_without_a_report_has_no_figures(tmp_path: Path) -> None:
    assert rehearsal_figures(tmp_path) == {}


def test_each_ordered_pair_of_sites_is_a_run_of_its_own(tmp_path: Path) -> None:
    (pairs,) = (part for part in PARTS if part.name == "pairs")
    commands = {" ".join(pairs.command(seed, tmp_path)) for seed in pairs.seeds}
    assert len(commands) == 12
    assert any("--from colo --to gcp" in command for command in commands)


def test_every_story_is_tried_with_two_seeds(tmp_path: Path) -> None:
    (stories,) = (part for part in PARTS if part.name == "stories")
    told = [list(stories.command(seed, tmp_path)) for seed in stories.seeds]
    names = [command[command.index("--story") + 1] for command in told]
    assert {name: names.count(name) for name in names} == dict.fromkeys(STORIES, 2)


def test_every_proof_about_damage_is_a_program_that_is_run_once(tmp_path: Path) -> None:
    (damage,) = (part for part in PARTS if part.name == "damage")
    commands = [list(damage.command(seed, tmp_path)) for seed in damage.seeds]
    modules = [command[command.index("-m") + 1] for command in commands]
    assert modules == [f"benchmarks.damage.{name}" for name in PROOFS]
    assert all(importlib.util.find_spec(module) for module in modules)


def test_a_rehearsal_far_away_says_how_far(tmp_path: Path) -> None:
    (far,) = (part for part in PARTS if part.name == "far")
    assert " ".join(far.command(701, tmp_path)).endswith("--latency 80ms")
    assert far.figures(tmp_path) == {}


def test_the_former_release_of_debian_is_rehearsed_as_well(tmp_path: Path) -> None:
    (former,) = (part for part in PARTS if part.name == "former")
    assert " ".join(former.command(801, tmp_path)).endswith("--system debian-12")


@pytest.mark.proof
def test_a_proof_about_damage_answers_for_each_mutant(tmp_path: Path) -> None:
    figures = figures_of("configurations", count=4, folder=tmp_path)
    assert figures["mutants"] == sum(figures["answers"].values()) == 4
    assert figures["broken"] == []


@pytest.mark.parametrize("defect", [RuntimeError("defect"), SystemExit(70), RecursionError()])
def test_a_mutant_that_nobody_answers_is_told_with_its_seed(
    monkeypatch: pytest.MonkeyPatch, defect: BaseException
) -> None:
    def broken(_path: Path) -> str:
        raise defect

    monkeypatch.setattr(configurations, "asked", broken)
    found = configurations.answer("7-1")
    assert (found.seed, found.kind) == ("7-1", type(defect).__name__)
    assert found.broken


def test_every_proof_about_damage_is_a_run_of_its_own(tmp_path: Path) -> None:
    (damage,) = (part for part in PARTS if part.name == "damage")
    modules = [list(damage.command(seed, tmp_path))[2] for seed in damage.seeds]
    assert "benchmarks.damage.flips" in modules
    assert all(importlib.util.find_spec(module) for module in modules)
    assert damage.figures(tmp_path) == {}
    (tmp_path / "report.json").write_text('{"kinds": 26}')
    assert damage.figures(tmp_path) == {"kinds": 26}


def test_a_site_of_an_earlier_version_is_taken_over_at_once_and_after_a_deploy(
    tmp_path: Path,
) -> None:
    (takeover,) = (part for part in PARTS if part.name == "takeover")
    commands = [list(takeover.command(seed, tmp_path)) for seed in takeover.seeds]
    assert ["--deployed-anew" in command for command in commands] == [False, True]
    assert takeover.figures(tmp_path) == {}


def test_each_trial_of_data_is_a_program_with_a_report_of_its_own(tmp_path: Path) -> None:
    (data,) = (part for part in PARTS if part.name == "data")
    commands = [list(data.command(seed, tmp_path)) for seed in data.seeds]
    assert all(importlib.util.find_spec(command[2]) for command in commands)
    assert [command[2] for command in commands].count("benchmarks.terminations") == 4
    assert all(command[-2] == "--report" for command in commands)
    assert data.figures(tmp_path) == {}


def test_killed_drills_and_broken_ones_are_a_run_each(tmp_path: Path) -> None:
    (drills,) = (part for part in PARTS if part.name == "drills")
    commands = [list(drills.command(seed, tmp_path)) for seed in drills.seeds]
    modules = ("benchmarks.drills", "benchmarks.broken_drills", "benchmarks.drills_denied")
    assert tuple(command[2] for command in commands) == modules
    assert all(importlib.util.find_spec(command[2]) for command in commands)
