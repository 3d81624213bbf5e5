"""A workflow that plays drills: linters find nothing, secrets stay names, and it calls liferaft."""

import json
import shlex
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from cronsim import CronSim
from tests.commands import understand

from liferaft.failures import BadInput
from liferaft.moves.drill_schedule import DrillSchedule, Often
from liferaft.moves.drill_workflow import DrillWorkflow

BIN = Path(sys.executable).parent
VARIABLES = ("CHAT", "HCLOUD_TOKEN", "LIFERAFT_IDENTITY_FILE")


def workflow(
    config: str = "deploy/liferaft.toml",
    often: Often = Often.WEEKLY,
    deadline: timedelta = timedelta(hours=2),
) -> DrillWorkflow:
    of = DrillSchedule("chirp", "north", often, deadline, VARIABLES)
    return DrillWorkflow(of, config, ("liferaft==0.1.0", "octodns-x==1"), VARIABLES[2:])


def written(folder: Path, made: DrillWorkflow) -> Path:
    ((name, text),) = made.files().items()
    path = folder / ".github" / "workflows" / name
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


def steps(made: DrillWorkflow) -> dict[str, dict[str, Any]]:
    (text,) = made.files().values()
    return {one["name"].split()[0]: one for one in yaml.safe_load(text)["jobs"]["drill"]["steps"]}


def linted(*words: str | Path) -> subprocess.CompletedProcess[str]:
    program, *arguments = words
    return subprocess.run(
        [BIN / program, *arguments], capture_output=True, check=False, text=True, timeout=120
    )


def against_schema(path: Path) -> str:
    """What does not fit GitHub's schema of workflows; empty where all does."""
    ran = linted("check-jsonschema", "--builtin-schema", "vendor.github-workflows", path)
    return ran.stdout + ran.stderr if ran.returncode else ""


def found_unsafe(path: Path) -> list[str]:
    """What lets others in by a workflow, as zizmor calls it."""
    ran = linted(
        *("zizmor", "--offline", "--no-config", "--persona=pedantic", "--format=json", path)
    )
    assert ran.stdout, ran.stderr
    return [one["ident"] for one in json.loads(ran.stdout)]


@pytest.mark.parametrize("often", Often)
@pytest.mark.parametrize("config", ["liferaft.toml", 'it\'s: a #"mess" & more/liferaft.toml'])
def test_linters_find_nothing_to_say_against_it(tmp_path: Path, often: Often, config: str) -> None:
    path = written(tmp_path, workflow(config, often))
    assert against_schema(path) == ""
    assert found_unsafe(path) == []


def test_the_linters_would_say_something(tmp_path: Path) -> None:
    path = written(tmp_path, workflow())
    text = path.read_text()
    path.write_text(text.replace("runs-on:", "run-on:"))
    assert "run-on" in against_schema(path)
    path.write_text(text.replace("umask 077", "echo ${{ github.event.issue.title }}"))
    assert "template-injection" in found_unsafe(path)


@pytest.mark.parametrize(("often", "most"), [(Often.DAILY, 1), (Often.WEEKLY, 7)])
def test_it_rings_as_often_as_it_says(often: Often, most: int) -> None:
    (text,) = workflow(often=often).files().values()
    (told,) = yaml.safe_load(text)["on"]["schedule"]
    rings = CronSim(told["cron"], datetime(2026, 1, 1, tzinfo=UTC))
    assert timedelta(days=most) == -(next(rings) - next(rings))


@pytest.mark.parametrize("config", ["deploy/liferaft.toml", 'a "$HOME" `x`; $(y)/liferaft.toml'])
@pytest.mark.parametrize(("step", "clean"), [("Play", False), ("Delete", True)])
def test_what_it_runs_is_a_command_of_today(config: str, step: str, clean: bool) -> None:
    program, *words = shlex.split(steps(workflow(config))[step]["run"])
    assert program == "$RUNNER_TEMP/liferaft/bin/liferaft"
    path, values = understand(words)
    assert path == ("drill", "run")
    assert (values["yes"], values["clean"]) == (True, clean)
    assert values["site"] == (None if clean else "north")
    assert values["config_path"] == Path(config)


def test_secrets_are_names_and_reach_the_shell_by_the_environment_alone() -> None:
    for step in steps(workflow()).values():
        assert "${{" not in step.get("run", "")
    told = steps(workflow())["Play"]["env"]
    assert told["CHAT"] == "${{ secrets.CHAT }}"
    assert told["LIFERAFT_IDENTITY_FILE"] == "${{ runner.temp }}/LIFERAFT_IDENTITY_FILE"


def test_a_file_that_a_variable_names_is_written_for_its_owner_alone(tmp_path: Path) -> None:
    step = steps(workflow())["Write"]
    assert set(step["env"]) == {"LIFERAFT_IDENTITY_FILE"}
    env = {"RUNNER_TEMP": str(tmp_path), "LIFERAFT_IDENTITY_FILE": "AGE-SECRET-KEY-'$x"}
    subprocess.run(["bash", "-e", "-c", step["run"]], check=True, env=env, timeout=60)
    path = tmp_path / "LIFERAFT_IDENTITY_FILE"
    assert path.read_text() == "AGE-SECRET-KEY-'$x\n"
    assert path.stat().st_mode & 0o777 == 0o600


def test_everything_is_installed_by_its_version() -> None:
    words = shlex.split(steps(workflow())["Install"]["run"])
    assert words[-2:] == ["liferaft==0.1.0", "octodns-x==1"]


def test_two_at_once_wait_for_each_other_and_none_is_ended_by_the_next() -> None:
    (text,) = workflow().files().values()
    group = yaml.safe_load(text)["concurrency"]
    assert group == {"group": "liferaft-drill-chirp-north", "cancel-in-progress": False}


def test_one_of_the_data_tries_it_alone_and_waits_for_a_whole_one_of_the_same_site() -> None:
    whole = workflow()
    data = DrillWorkflow(whole.of.of_data, whole.config, whole.packages)
    _, values = understand(shlex.split(steps(data)["Play"]["run"])[1:])
    assert (values["site"], values["data_only"]) == ("north", True)
    ((name, text),) = data.files().items()
    assert name not in whole.files()
    (other,) = whole.files().values()
    assert yaml.safe_load(text)["concurrency"] == yaml.safe_load(other)["concurrency"]


def test_a_drill_that_github_would_end_is_refused() -> None:
    workflow(deadline=timedelta(hours=5)).files()
    with pytest.raises(BadInput, match="GitHub ends a job after 6 h"):
        workflow(deadline=timedelta(hours=5, minutes=1)).files()


@pytest.mark.parametrize("config", ["${{ secrets.X }}/liferaft.toml", "two\nlines/liferaft.toml"])
def test_what_a_workflow_would_read_otherwise_is_refused(config: str) -> None:
    with pytest.raises(BadInput, match="cannot stand in a workflow"):
        workflow(config).files()
