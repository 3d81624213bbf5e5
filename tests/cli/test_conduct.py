"""What every move's command does before it does anything, and what it says after."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from liferaft.journal import Journal, RunName
from liferaft.moves.runner import Result
from liferaft.moves.session import prepare
from liferaft.plan.inputs import Inputs
from liferaft.plan.plan import Plan
from liferaft.vault import Vault
from liferaft_cli import conduct, opening

Liferaft = Callable[..., Any]


def written(folder: Path) -> dict[str, bytes]:
    """Everything below the vault and the state folder."""
    files = [path for top in ("vault", "state") for path in (folder / top).rglob("*")]
    return {str(path): path.read_bytes() for path in files if path.is_file()}


@pytest.mark.parametrize("typed", ["n\n", "\n", ""])
def test_declining_a_plan_changes_nothing(liferaft: Liferaft, folder: Path, typed: str) -> None:
    ran = liferaft("deploy", "east", typed=typed)
    assert ran.code == 8
    assert "Plan: deploy of east, epoch 1" in ran.err
    assert ran.err.endswith("Nothing was done.\n")
    assert ran.out == ""
    assert written(folder) == {}


@pytest.mark.usefixtures("east_reigns")
def test_declining_changes_nothing_for_a_site_that_reigns(liferaft: Liferaft, folder: Path) -> None:
    before = written(folder)
    for arguments in (["deploy", "east"], ["snapshot"], ["destroy", "east"]):
        assert liferaft(*arguments, typed="n\n").code == 8
    assert written(folder) == before


def test_every_problem_of_a_configuration_is_told_with_its_line(
    liferaft: Liferaft, folder: Path
) -> None:
    toml = folder / "liferaft.toml"
    text = (
        toml.read_text().replace('cloud = "aws"', 'cloud = "moon"').replace("cpus = 2", "cpus = 0")
    )
    toml.write_text(text)
    ran = liferaft("deploy", "east")
    assert ran.code == 3
    for line, bad in enumerate(text.splitlines(), 1):
        if "moon" in bad or "cpus = 0" in bad:
            assert f"line {line}: " in ran.err
    assert ran.err.count("line ") == 3
    assert "Traceback" not in ran.err
    assert "Correct liferaft.toml" in ran.err


def test_a_configuration_that_is_not_there_is_told(liferaft: Liferaft, folder: Path) -> None:
    (folder / "liferaft.toml").unlink()
    ran = liferaft("status")
    assert ran.code == 3
    assert "There is no configuration at liferaft.toml" in ran.err
    assert "--config PATH" in ran.err


@pytest.mark.parametrize("command", ["deploy", "preview"])
def test_all_missing_variables_are_named_at_once_before_anything_is_asked(
    liferaft: Liferaft, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    missing = (
        "POWERDNS_API_KEY",
        "LIFERAFT_IDENTITY_FILE",
        "LIFERAFT_BUCKET_EAST_ACCESS_KEY_ID",
        "LIFERAFT_BUCKET_EAST_SECRET_ACCESS_KEY",
    )
    for name in missing:
        monkeypatch.delenv(name)
    ran = liferaft(command, "east")
    assert ran.code == 3
    assert all(name in ran.err for name in missing)
    assert "Plan:" not in ran.err


def test_keys_of_the_site_that_is_gone_are_not_asked_for(
    liferaft: Liferaft, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LIFERAFT_BUCKET_NORTH_ACCESS_KEY_ID")
    assert liferaft("deploy", "east", typed="n\n").code == 8


@pytest.mark.parametrize("command", ["deploy", "failover", "destroy", "preview"])
def test_an_unknown_site_is_told_the_ones_that_there_are(liferaft: Liferaft, command: str) -> None:
    ran = liferaft(command, "mars")
    assert ran.code == 3
    assert "mars" in ran.err
    assert "east" in ran.err
    assert "north" in ran.err


def test_what_may_not_be_done_is_refused_before_anybody_is_asked(
    liferaft: Liferaft, folder: Path
) -> None:
    ran = liferaft("failover", "north", "--yes")
    assert ran.code == 4
    assert "never deployed" in ran.err
    assert written(folder) == {}


@pytest.mark.usefixtures("east_reigns")
def test_an_unfinished_run_is_told_before_it_is_gone_on_with(
    liferaft: Liferaft, vault: Vault, folder: Path
) -> None:
    plan = prepare(
        "deploy", "east", opening.open_configuration(folder / "liferaft.toml").config, vault
    ).plan
    name = RunName.new(1)
    asyncio.run(
        Journal.begin(
            name,
            move="deploy",
            site="east",
            inputs=plan.inputs.to_json(),
            digest=plan.digest(),
            vaults=[vault],
            folder=folder / "state",
        )
    )
    ran = liferaft("deploy", "east", typed="n\n")
    assert f"Run {name} is unfinished: this goes on with it." in ran.err


def test_what_a_run_changed_is_told_to_people_and_to_machines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    plan = Plan("deploy", Inputs(site="east", epoch=1, reigns=True), ())
    conduct.tell(plan, "run-1", Result(("servers",), ("secrets",)), as_json=True)
    said = capsys.readouterr()
    assert json.loads(said.out) == {
        "run": "run-1",
        "move": "deploy",
        "site": "east",
        "epoch": 1,
        "changed": ["servers"],
        "held": ["secrets"],
    }
    assert "deploy of east is done; run run-1." in said.err


def test_a_run_that_changed_nothing_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    conduct.tell(
        Plan("deploy", Inputs(site="east", epoch=1, reigns=True), ()),
        "run-1",
        Result((), ("secrets",)),
        as_json=False,
    )
    said = capsys.readouterr()
    assert said.out == ""
    assert "Nothing changed at east: it is as described." in said.err


@pytest.mark.parametrize("typed", ["", "y\n", "east\n"])
def test_clearing_a_site_that_does_not_reign_does_not_call_it_the_one_that_does(typed: str) -> None:
    @click.command()
    def ask() -> None:
        assert not conduct.ask_for_agreement(
            Plan("clear", Inputs(site="north", epoch=2, reigns=True), ()), yes=False, named=None
        )

    asked = CliRunner().invoke(ask, input=typed, catch_exceptions=False)
    assert "What north holds and no vault has will be lost. Type north to agree" in asked.stderr
    assert "scripts give --yes." in asked.stderr
