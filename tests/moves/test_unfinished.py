"""Runs that did not end, and which of them a command would go on with."""

from collections.abc import Callable
from pathlib import Path

import pytest

from liferaft.failures import Refused
from liferaft.journal import Journal, RunName
from liferaft.moves.unfinished import is_superseded, resumable, runs_of_epoch
from liferaft.plan.inputs import Inputs
from liferaft.vault import EpochRecord, Vault

Reigns = Callable[[int, str], None]


def record(epoch: int, site: str) -> EpochRecord:
    return EpochRecord(epoch, site, "run", "2026-11-22T14:00:00Z")


def inputs(epoch: int, site: str, *, reigns: bool) -> Inputs:
    return Inputs(site=site, epoch=epoch, reigns=reigns)


@pytest.mark.parametrize(
    ("plan", "current", "over"),
    [
        (inputs(1, "east", reigns=True), None, False),
        (inputs(2, "north", reigns=True), record(1, "east"), False),
        (inputs(2, "north", reigns=True), record(2, "north"), False),
        (inputs(1, "north", reigns=False), record(1, "east"), False),
        (inputs(2, "north", reigns=True), record(2, "west"), True),
        (inputs(1, "east", reigns=True), record(2, "east"), True),
        (inputs(1, "north", reigns=False), record(2, "east"), True),
    ],
)
def test_a_plan_is_superseded_by_a_later_reign_and_by_another_of_its_own_number(
    plan: Inputs, current: EpochRecord | None, *, over: bool
) -> None:
    assert is_superseded(plan, current) is over


async def began(
    vault: Vault, folder: Path, move: str, site: str, *, epoch: int, when: str
) -> Journal:
    return await Journal.begin(
        RunName(epoch, when),
        move=move,
        site=site,
        inputs=inputs(epoch, site, reigns=True).to_json(),
        digest="",
        vaults=[vault],
        folder=folder,
    )


async def test_a_first_deploy_that_was_killed_is_seen_before_anything_reigns(
    vault: Vault, tmp_path: Path
) -> None:
    journal = await began(vault, tmp_path, "deploy", "east", epoch=1, when="t1")
    assert [run.name for run in runs_of_epoch(vault).open] == [journal.name]


async def test_a_failover_that_was_killed_before_its_fence_is_seen(
    vault: Vault, tmp_path: Path, reigns: Reigns
) -> None:
    reigns(1, "east")
    journal = await began(vault, tmp_path, "failover", "north", epoch=2, when="t1")
    assert [run.name for run in runs_of_epoch(vault).open] == [journal.name]


async def test_only_the_newest_run_of_a_move_counts(
    vault: Vault, tmp_path: Path, reigns: Reigns
) -> None:
    reigns(1, "east")
    await began(vault, tmp_path, "deploy", "east", epoch=1, when="t1")
    finished = await began(vault, tmp_path, "deploy", "east", epoch=1, when="t2")
    await finished.finish()
    assert not runs_of_epoch(vault).open


async def test_runs_of_earlier_reigns_are_history(
    vault: Vault, tmp_path: Path, reigns: Reigns
) -> None:
    reigns(1, "east")
    await began(vault, tmp_path, "deploy", "east", epoch=1, when="t1")
    reigns(2, "north")
    assert not runs_of_epoch(vault).open


async def of_another_version(
    vault: Vault, folder: Path, move: str, site: str, *, epoch: int, when: str
) -> Journal:
    """A run whose facts lack what this version asks for."""
    return await Journal.begin(
        RunName(epoch, when),
        move=move,
        site=site,
        inputs={"site": site, "epoch": epoch},
        digest="",
        vaults=[vault],
        folder=folder,
    )


async def test_an_ended_run_of_another_version_hides_nothing(
    vault: Vault, tmp_path: Path, reigns: Reigns
) -> None:
    reigns(1, "east")
    ended = await of_another_version(vault, tmp_path, "snapshot", "east", epoch=1, when="t1")
    await ended.finish()
    open_run = await began(vault, tmp_path, "deploy", "east", epoch=1, when="t2")
    found = runs_of_epoch(vault)
    assert [run.name for run in found.open] == [open_run.name]
    assert not found.faults


async def test_an_open_run_of_another_version_is_told_beside_the_others(
    vault: Vault, tmp_path: Path, reigns: Reigns
) -> None:
    reigns(1, "east")
    other = await of_another_version(vault, tmp_path, "snapshot", "east", epoch=1, when="t1")
    open_run = await began(vault, tmp_path, "deploy", "east", epoch=1, when="t2")
    found = runs_of_epoch(vault)
    assert [run.name for run in found.open] == [open_run.name]
    assert [str(other.name) in fault.facts.happened for fault in found.faults] == [True]


async def test_an_open_run_of_another_version_is_refused_while_its_epoch_lasts_and_no_longer(
    vault: Vault, tmp_path: Path, reigns: Reigns
) -> None:
    reigns(1, "east")
    await of_another_version(vault, tmp_path, "snapshot", "east", epoch=1, when="t1")
    with pytest.raises(Refused, match="reigns"):
        resumable(vault, move="snapshot", site="east")
    reigns(2, "north")
    assert resumable(vault, move="snapshot", site="east") is None
