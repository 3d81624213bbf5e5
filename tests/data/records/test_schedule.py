"""Which steps a configuration asks for so that vaults catch up by themselves, and that the program
runs where nothing of liferaft is."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.models.stories import Scenario, as_process, reach
from tests.moves.planned import FAILOVER

from liferaft.config import Config
from liferaft.data.records.schedule import PROGRAM, SETTINGS, ScheduleRecords, files, program
from liferaft.moves import deploy, failover, schedule
from liferaft.moves.inputs import DeployInputs, ScheduleInputs
from liferaft.site.reach import vault_accesses

SECOND = """[vaults.second]
url = "s3://chirp-second"
endpoint = "https://s3.second.test"

[vaults.third]
url = "s3://chirp-third"
endpoint = "https://s3.third.test"

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


def steps(told: list[Scenario]) -> list[Scenario]:
    found = [one for one in told if isinstance(one.step.action, ScheduleRecords)]
    assert found
    return found


async def test_it_is_seen_not_to_hold_before_and_to_hold_afterwards(
    of_two_vaults: list[Scenario],
) -> None:
    held = set()
    for one in steps(of_two_vaults):
        scene = one.before.copy()
        with as_process(one.process(scene)) as process:
            held.add(await reach(process, one.step))
            assert await one.step.action.holds(process.world())
        assert not scene.refused, one.name
    assert False in held


async def test_keys_lie_on_the_server_where_root_alone_reads(
    of_two_vaults: list[Scenario],
) -> None:
    one = steps(of_two_vaults)[0]
    scene = one.before.copy()
    with as_process(one.process(scene)) as process:
        await reach(process, one.step)
        world = process.world()
        secret = json.dumps(vault_accesses(world)[0].secret_key).encode()
        told = (file for file in files(world, 1) if file.path != PROGRAM)
        holding = [file for file in told if secret in file.content]
    assert [(file.path, file.mode) for file in holding] == [(SETTINGS, 0o600)]
