"""Which steps a configuration asks for so that vaults catch up by themselves, and that the program
runs where nothing of liferaft is."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.moves.planned import FAILOVER

from liferaft.config import Config
from liferaft.data.records.schedule import ScheduleRecords, program
from liferaft.moves import deploy, failover, schedule
from liferaft.moves.inputs import DeployInputs, ScheduleInputs

SECOND = """[vaults.second]
url = "s3://chirp-second"
endpoint = "https://s3.second.test"
region = "r"

[operators]"""


@pytest.fixture
def several(configured: Callable[..., Config]) -> Config:
    return configured(("[operators]", SECOND))


def test_where_there_are_several_vaults_the_databases_server_brings_records(
    config: Config, several: Config
) -> None:
    begun = DeployInputs(site="east", epoch=1, reigns=True)
    for plan in (deploy.plan(several, begun), failover.plan(several, FAILOVER)):
        (step,) = (one for one in plan.steps if one.name == "records-schedule")
        assert step.needs == ("prove",)
        assert step.action == ScheduleRecords("db-1", plan.epoch)
    for plan in (deploy.plan(config, begun), failover.plan(config, FAILOVER)):
        assert "records-schedule" not in {step.name for step in plan.steps}


def test_the_command_that_schedules_sets_it_up_as_well(config: Config, several: Config) -> None:
    inputs = ScheduleInputs(site="east", epoch=1, reigns=True)
    wanted = ScheduleRecords("db-1", 1)
    assert wanted in [step.action for step in schedule.plan(several, inputs).steps]
    assert wanted not in [step.action for step in schedule.plan(config, inputs).steps]


def test_a_vault_that_is_a_folder_is_none_of_a_servers(configured: Callable[..., Config]) -> None:
    beside = configured(("[operators]", '[vaults.disk]\nurl = "file:///mnt/disk"\n\n[operators]'))
    plan = deploy.plan(beside, DeployInputs(site="east", epoch=1, reigns=True))
    assert "records-schedule" not in {step.name for step in plan.steps}


def test_the_program_runs_by_itself(tmp_path: Path) -> None:
    """One file, and nothing of liferaft beside it."""
    (tmp_path / "bringer").write_bytes(program())
    settings = {"epoch": 1, "state": str(tmp_path / "state"), "vaults": []}
    (tmp_path / "settings").write_text(json.dumps(settings))
    ran = subprocess.run(
        ["/usr/bin/python3", "-I", tmp_path / "bringer", tmp_path / "settings"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == "No vault that answers is known to lack records.\n"
