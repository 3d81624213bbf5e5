"""The plan of a pruning: notes first, then data, one thing at a time in each vault."""

from collections.abc import Callable

import pytest

from liferaft.config import Config
from liferaft.data.surplus import Surplus
from liferaft.moves import prune, snapshot
from liferaft.moves.inputs import SnapshotInputs
from liferaft.moves.pruned import EpochGoing, Going, PruneInputs, Staying, VaultPruning
from liferaft.plan.plan import Plan

Before = Callable[[Plan, str], set[str]]
OLD = "20251022T140000Z"
STAYS = (Staying(2, "20261122T140000Z", ("the newest",)),)


def vault(name: str = "main") -> VaultPruning:
    return VaultPruning(
        name,
        2,
        STAYS,
        (Going(2, OLD, 7_000_000),),
        (f"epoch-00000002/state/{OLD}-east.json",),
        (
            Surplus("postgres", name, 2, ("20251022-140000F",), 3_000_000, 2_000_000),
            Surplus("image", name, 2, ("epoch-00000002/images/a",), 1_000_000),
        ),
        (EpochGoing(1, (), 12, 4_000_000),),
    )


def inputs(*vaults: VaultPruning, left: tuple[str, ...] = ()) -> PruneInputs:
    return PruneInputs(site="east", epoch=2, reigns=True, vaults=vaults, left=left)


@pytest.fixture
def built(config: Config) -> Plan:
    return prune.plan(config, inputs(vault(), vault("second"), left=("Vault third is left.",)))


def test_nothing_is_deleted_before_the_notes_that_name_it(built: Plan, before: Before) -> None:
    for step in built.steps:
        named = step.name.split("-")[1]
        if not step.name.startswith("points-"):
            assert f"points-{named}" in before(built, step.name)


def test_vaults_do_not_wait_for_each_other(built: Plan, before: Before) -> None:
    ends = [step.name for step in built.steps if step.name.startswith("epoch-")]
    assert ends == ["epoch-main-1", "epoch-second-1"]
    for end in ends:
        assert {name.split("-")[1] for name in before(built, end)} == {end.split("-")[1]}


def test_in_one_vault_one_thing_is_done_at_a_time(config: Config) -> None:
    """pgBackRest would refuse a second one."""
    plan = prune.plan(config, inputs(vault()))
    assert [len(wave) for wave in plan.levels()] == [1, 1, 1, 1]


def test_a_person_reads_what_stays_what_goes_and_what_that_frees(built: Plan) -> None:
    told = prune.sentences(built)
    assert "main: 20261122T140000Z of epoch 2 stays: the newest" in told
    assert f"main: {OLD} of epoch 2 GOES (7.0 MB to restore)" in told
    assert (
        "main: of postgres in epoch 2 nothing needs 20251022-140000F: 3.0 MB, and 2.0 MB of its "
        "archive" in told
    )
    assert "main: 10.0 MB less in all" in told
    assert told[-1] == "Vault third is left."


def test_a_vault_without_a_point_is_told_and_not_touched(config: Config) -> None:
    plan = prune.plan(config, inputs(VaultPruning("main", 1)))
    assert plan.steps == ()
    assert prune.sentences(plan) == (
        "main: it holds no recovery point, and nothing in it is touched",
    )


def test_other_moves_have_nothing_to_tell_of_it(config: Config) -> None:
    asked = SnapshotInputs(site="east", epoch=1, reigns=True, point="20261122T140000Z")
    assert prune.sentences(snapshot.plan(config, asked)) == ()


def test_another_point_that_goes_is_another_plan(config: Config) -> None:
    one = prune.plan(config, inputs(vault()))
    other = prune.plan(config, inputs(VaultPruning("main", 2, STAYS, (Going(1, OLD, 1),))))
    assert one.digest() != other.digest()
