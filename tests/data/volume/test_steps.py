"""When a volume comes back and when it is kept: never half of it, never for a site that does not
reign."""

from collections.abc import Callable
from dataclasses import replace

from tests.moves.planned import FAILOVER

from liferaft.config import Config
from liferaft.data.parts import KeepPart, RestorePart
from liferaft.data.volume.kind import VolumeMoment
from liferaft.data.volume.steps import BringVolume, KeepVolume, clear_unfinished
from liferaft.moves import deploy, drill, failover, snapshot
from liferaft.moves.inputs import DeployInputs, SnapshotInputs
from liferaft.plan.plan import Plan
from liferaft.vault import Vault

Before = Callable[[Plan, str], set[str]]
DEPLOY = DeployInputs(site="east", epoch=1, reigns=True)
POINT = "20261122T140000Z"
THERE = "epoch-00000001/volume/files/repository"


def of(plan: Plan, name: str) -> object:
    (found,) = (step.action for step in plan.steps if step.name == name)
    return found


def test_a_deploy_brings_what_was_kept_before_the_service_makes_an_empty_volume(
    with_files: Config, before: Before
) -> None:
    plan = deploy.plan(with_files, DEPLOY)
    assert of(plan, "volume-files") == BringVolume("files", "app-1", 1)
    assert "equip-app-1" in before(plan, "volume-files")
    assert "volume-files" in before(plan, "workload-app-1")


def test_a_deploy_keeps_it_once_the_service_runs_and_a_standby_keeps_nothing(
    with_files: Config, before: Before
) -> None:
    plan = deploy.plan(with_files, DEPLOY)
    assert of(plan, "keeper-files") == KeepVolume("files", "app-1", 1)
    assert {"epoch", "workload-app-1"} <= before(plan, "keeper-files")
    standby = deploy.plan(with_files, replace(DEPLOY, site="north", reigns=False))
    assert not [step for step in standby.steps if "files" in step.name]


def test_a_snapshot_names_it_in_the_manifest(with_files: Config, before: Before) -> None:
    inputs = SnapshotInputs(site="east", epoch=1, reigns=True, point=POINT)
    plan = snapshot.plan(with_files, inputs)
    assert of(plan, "volume-files") == KeepPart("volume", "files", "app-1", 1, POINT)
    assert "volume-files" in before(plan, "publish")


def test_a_failover_brings_it_back_before_its_service_starts_and_keeps_it_under_the_new_epoch(
    with_files: Config, before: Before
) -> None:
    plan = failover.plan(with_files, FAILOVER)
    restore = RestorePart("volume", "files", "app-1", point_epoch=1, point=POINT, old=1, epoch=2)
    assert of(plan, "volume-files") == restore
    assert "volume-files" in before(plan, "workload-app-1")
    assert of(plan, "keeper-files") == KeepVolume("files", "app-1", 2)
    assert {"fence", "prove"} <= before(plan, "keeper-files")


def test_users_do_not_wait_for_it_with_the_holding_page(with_files: Config, before: Before) -> None:
    assert "volume-files" not in before(failover.plan(with_files, FAILOVER), "edge")


def test_a_failover_as_of_a_moment_brings_it_as_of_then(with_files: Config) -> None:
    until = "2026-11-22 14:29:00+00"
    facts = {**FAILOVER.facts, "volume": VolumeMoment(until)}
    plan = failover.plan(with_files, replace(FAILOVER, at=until, facts=facts))
    (step,) = (one for one in plan.steps if one.name == "volume-files")
    assert step.sentence.endswith(f", as of {until}")
    assert isinstance(step.action, RestorePart)
    assert step.action.marker.endswith(until), "another moment is another restore"


def test_a_drill_brings_it_back_and_keeps_nothing(with_files: Config) -> None:
    plan = drill.plan(with_files, drill.inputs_for(FAILOVER, "north"))
    kept = [step.action for step in plan.steps if "files" in step.name]
    assert [type(one) for one in kept] == [RestorePart]


def test_a_repository_that_was_killed_while_it_was_made_is_cleared_and_a_whole_one_is_not(
    vault: Vault,
) -> None:
    vault.put(f"{THERE}/keys/abc", b"a key")
    clear_unfinished(vault, 1, "files")
    assert vault.list(THERE) == ()
    for key in ("keys/abc", "config"):
        vault.put(f"{THERE}/{key}", b"restic's")
    clear_unfinished(vault, 1, "files")
    assert len(vault.list(THERE)) == 2
