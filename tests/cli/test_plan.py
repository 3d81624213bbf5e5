"""`liferaft plan`: the dry run."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from liferaft.moves.session import MOVES as KNOWN
from liferaft_cli.plan import MOVES

Liferaft = Callable[..., Any]


def test_every_move_can_be_planned() -> None:
    assert set(MOVES) == set(KNOWN)


def test_a_plan_is_read_in_numbered_sentences(liferaft: Liferaft) -> None:
    ran = liferaft("plan", "deploy", "east")
    assert ran.code == 0
    first, *lines = ran.err.splitlines()
    assert first == "Plan: deploy of east, epoch 1"
    assert any(line.startswith("  1. Keep the application's secrets") for line in lines)
    assert any("(after " in line for line in lines)


@pytest.mark.usefixtures("east_reigns")
def test_a_person_reads_where_there_is_no_way_back(liferaft: Liferaft) -> None:
    ran = liferaft("plan", "destroy", "east")
    (row,) = [line for line in ran.err.splitlines() if "the application runs there now" in line]
    assert row.endswith("← point of no return")


def test_a_plan_for_machines_is_json(liferaft: Liferaft) -> None:
    told = json.loads(liferaft("plan", "deploy", "east", "--json").out)
    assert told.keys() >= {"move", "site", "epoch", "digest", "steps"}
    assert len(told["digest"]) == 64
    for step in told["steps"]:
        assert step.keys() >= {"name", "sentence", "needs", "deadline"}


@pytest.mark.usefixtures("east_reigns")
def test_a_standby_is_told_with_what_it_costs_by_the_month(liferaft: Liferaft) -> None:
    ran = liferaft("plan", "deploy", "north")
    assert "Standing by, north costs about 6.99 EUR a month" in ran.err
    told = json.loads(liferaft("plan", "deploy", "north", "--json").out)["standby"]
    assert (told["currency"], told["monthly"]) == ("EUR", 6.99)
    assert [row["monthly"] for row in told["rows"]] == [0.50, 6.49]
    assert all(row["source"] and row["read"] for row in told["rows"])


@pytest.mark.usefixtures("east_reigns")
def test_a_site_that_reigns_is_no_standby(liferaft: Liferaft) -> None:
    assert "Standing by" not in liferaft("plan", "deploy", "east").err
    assert json.loads(liferaft("plan", "deploy", "east", "--json").out)["standby"] is None


def test_only_a_snapshot_needs_no_site(liferaft: Liferaft) -> None:
    ran = liferaft("plan", "deploy")
    assert ran.code == 2
    assert "needs a SITE" in ran.err


@pytest.mark.usefixtures("east_reigns")
def test_a_snapshot_is_planned_where_the_application_reigns(liferaft: Liferaft) -> None:
    assert json.loads(liferaft("plan", "snapshot", "--json").out)["site"] == "east"
    assert liferaft("plan", "snapshot", "north").code == 4


def test_a_plan_that_its_files_do_not_allow_is_not_shown_as_if_it_could_run(
    liferaft: Liferaft, tmp_path: Path
) -> None:
    (tmp_path / "compose.yaml").write_text("services:\n  site:\n    image: chirp:1\n")
    ran = liferaft("plan", "deploy", "east")
    assert ran.code == 3
    assert "has no service web" in ran.err
