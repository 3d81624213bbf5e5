"""What follows a move by itself."""

from pathlib import Path
from typing import Any

import pytest

from liferaft.journal import Journal, RunName
from liferaft.moves.follow_up import lacks_point, prepare_snapshot
from liferaft.moves.session import prepare
from liferaft.plan.inputs import Inputs
from liferaft.plan.plan import Plan
from liferaft.recovery.part import Part
from liferaft.recovery.point import RecoveryPoint, publish
from liferaft.site.world import World
from liferaft.vault import EpochChain, EpochRecord

AT = "2026-11-22T14:00:00.000Z"


def after(move: str, epoch: int, **inputs: Any) -> Plan:
    return Plan(move, Inputs(**{"site": "north", "epoch": epoch, "reigns": True, **inputs}), ())


def keep_point(world: World, epoch: int) -> None:
    part = Part("postgres", "db", epoch, AT, 4096)
    name = f"2026112{epoch}T140000Z"
    publish(world.site.vault, RecoveryPoint(name, "chirp", epoch, "east", AT, (part,)))


def test_a_failover_lacks_a_point_whatever_the_reign_before_it_has(world: World) -> None:
    """An earlier one's is a longer way back, over a replay of everything since."""
    keep_point(world, 1)
    assert lacks_point(after("failover", 2), world.site.vault)
    keep_point(world, 2)
    assert not lacks_point(after("failover", 2), world.site.vault)


@pytest.mark.parametrize("move", ["snapshot", "destroy", "clear", "image"])
def test_what_moves_no_application_lacks_none(world: World, move: str) -> None:
    assert not lacks_point(after(move, 1), world.site.vault)


def test_a_site_that_is_made_ready_lacks_none(world: World) -> None:
    assert not lacks_point(after("deploy", 1, reigns=False), world.site.vault)


async def test_the_snapshot_that_follows_is_gone_on_with_by_the_command_for_snapshots(
    world: World, tmp_path: Path
) -> None:
    EpochChain(world.site.vault).claim(EpochRecord(1, world.site.name, "run-1", AT))
    first = prepare_snapshot("run-1", world.site.config, world.site.vault)
    assert first.plan.inputs.follows == "run-1"
    journal = await Journal.begin(
        RunName.new(1),
        move="snapshot",
        site=world.site.name,
        inputs=first.plan.inputs.to_json(),
        digest=first.plan.digest(),
        vaults=[world.site.vault],
        folder=tmp_path,
    )
    again = prepare("snapshot", None, world.site.config, world.site.vault)
    assert again.resumes is not None
    assert again.resumes.name == journal.name
    assert again.plan == first.plan
    assert prepare_snapshot("run-2", world.site.config, world.site.vault).resumes is not None
