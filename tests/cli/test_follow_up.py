"""The recovery point that a move's reign lacks is taken by itself, and never in the move's way."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.moves.things import CloudInMemory

from liferaft.failures import VendorFailure
from liferaft.moves import session
from liferaft.moves.runner import Result
from liferaft.moves.session import Prepared
from liferaft.recovery.part import Part
from liferaft.recovery.point import RecoveryPoint, publish
from liferaft.site.site import Site
from liferaft.vault import Vault

Liferaft = Callable[..., Any]
AT = "2026-11-22T14:00:00.000Z"
pytestmark = pytest.mark.usefixtures("east_reigns")


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[Prepared]:
    """The runs that were begun; the clouds and servers of them are not asked."""
    begun: list[Prepared] = []

    async def done(prepared: Prepared, *_: object, **__: object) -> tuple[str, Result]:
        begun.append(prepared)
        return f"run-of-{prepared.plan.move}", Result(("a",), ())

    monkeypatch.setattr(session, "execute", done)
    monkeypatch.setattr(Site, "cloud", lambda _: CloudInMemory())
    return begun


def moves(runs: list[Prepared]) -> list[str]:
    return [prepared.plan.move for prepared in runs]


def taken(vault: Vault) -> None:
    part = Part("postgres", "db", 1, AT, 4096)
    publish(vault, RecoveryPoint("20261122T140000Z", "chirp", 1, "east", AT, (part,)))


def test_a_reign_without_a_recovery_point_gets_one_after_a_deploy_and_the_plan_says_so(
    liferaft: Liferaft, runs: list[Prepared]
) -> None:
    ran = liferaft("deploy", "east", "--yes", "--json")
    assert ran.code == 0
    assert moves(runs) == ["deploy", "snapshot"]
    assert runs[1].plan.inputs.follows == "run-of-deploy"
    assert json.loads(ran.out)["move"] == "deploy"
    planned, told = ran.err.split("deploy of east is done")
    assert "a recovery point: epoch 1 has none yet" in planned
    assert "The recovery point is taken; run run-of-snapshot." in told


def test_a_reign_that_has_a_recovery_point_gets_no_other_by_a_deploy(
    liferaft: Liferaft, runs: list[Prepared], vault: Vault
) -> None:
    taken(vault)
    ran = liferaft("deploy", "east", "--yes")
    assert moves(runs) == ["deploy"]
    assert "has none yet" not in ran.err
    assert "The recovery point is taken" not in ran.err


@pytest.mark.parametrize("arguments", [("north",), ("east", "--no-snapshot")])
def test_no_recovery_point_is_taken_of_a_site_that_does_not_reign_nor_where_none_is_wanted(
    liferaft: Liferaft, runs: list[Prepared], arguments: tuple[str, ...]
) -> None:
    assert liferaft("deploy", *arguments, "--yes").code == 0
    assert moves(runs) == ["deploy"]


def snapshots_end_with(fault: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    begin = session.execute

    async def ended(prepared: Prepared, *others: Any, **options: Any) -> Any:
        if prepared.plan.move == "snapshot":
            raise fault
        return await begin(prepared, *others, **options)

    monkeypatch.setattr(session, "execute", ended)


@pytest.mark.parametrize(
    "fault", [VendorFailure("the vault is full", safe="s", do="Make room."), KeyError("a defect")]
)
def test_a_recovery_point_that_fails_does_not_undo_the_move_and_is_told_loudly(
    liferaft: Liferaft,
    runs: list[Prepared],
    monkeypatch: pytest.MonkeyPatch,
    fault: Exception,
) -> None:
    snapshots_end_with(fault, monkeypatch)
    ran = liferaft("deploy", "east", "--yes")
    assert ran.code == 0
    assert moves(runs) == ["deploy"]
    _, _, told = ran.err.partition("deploy of east is done")
    assert "NO RECOVERY POINT of epoch 1 was taken" in told
    assert "Now:  liferaft snapshot" in told
    assert "Safe: The deploy of east is done" in told


def test_whoever_interrupts_it_is_told_that_the_move_is_done(
    liferaft: Liferaft, runs: list[Prepared], monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshots_end_with(KeyboardInterrupt(), monkeypatch)
    ran = liferaft("deploy", "east", "--yes")
    assert ran.code == 130
    assert moves(runs) == ["deploy"]
    assert "NO RECOVERY POINT of epoch 1 was taken: interrupted" in ran.err
    assert "Safe: The deploy of east is done" in ran.err


def test_a_plan_says_whether_a_recovery_point_follows(liferaft: Liferaft, vault: Vault) -> None:
    assert json.loads(liferaft("plan", "deploy", "east", "--json").out)["snapshot_follows"]
    assert "Then, as a run of its own, a recovery point" in liferaft("plan", "deploy", "east").err
    taken(vault)
    assert not json.loads(liferaft("plan", "deploy", "east", "--json").out)["snapshot_follows"]
