"""Jobs of a schedule: which steps a configuration asks for, and that the program runs where nothing
of liferaft is."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.moves.planned import FAILOVER

from liferaft.config import Config
from liferaft.config.jobs import JobConfig
from liferaft.data.jobs.schedule import ScheduleJobs
from liferaft.hosts.once import program
from liferaft.moves import deploy, drill, failover
from liferaft.moves.inputs import DeployInputs
from liferaft.plan.plan import Plan

Before = Callable[[Plan, str], set[str]]
DEPLOY = DeployInputs(site="east", epoch=1, reigns=True)
CLEAR = JobConfig(schedule="0 0 13 * fri", service="web", command=("clear", "--all"))


def test_a_job_of_a_schedule_runs_on_one_server_once_the_service_is_proved_and_never_in_a_drill(
    config: Config, before: Before
) -> None:
    config = config.model_copy(update={"jobs": {"clear": CLEAR}})
    moved = failover.plan(config, FAILOVER)
    for plan in (deploy.plan(config, DEPLOY), moved):
        (step,) = (one for one in plan.steps if isinstance(one.action, ScheduleJobs))
        assert isinstance(step.action, ScheduleJobs)
        assert (step.action.server, step.action.epoch) == ("app-1", plan.epoch)
        assert "prove" in before(plan, step.name)
        assert "clear (0 0 13 * fri)" in step.sentence
    plan = drill.plan(config, drill.inputs_for(FAILOVER, "north"))
    assert not [one for one in plan.steps if isinstance(one.action, ScheduleJobs)]


def test_an_application_without_schedules_has_no_step_for_them(config: Config) -> None:
    for plan in (deploy.plan(config, DEPLOY), failover.plan(config, FAILOVER)):
        assert not [one for one in plan.steps if isinstance(one.action, ScheduleJobs)]


def test_the_program_runs_by_itself(tmp_path: Path) -> None:
    """One file, and nothing of liferaft beside it."""
    (tmp_path / "program").write_bytes(program())
    ran = subprocess.run(
        ["/usr/bin/python3", "-I", tmp_path / "program"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 1
    assert "liferaft-job scheduled NAME SETTINGS" in ran.stderr
