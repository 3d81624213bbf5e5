"""What is given on the command line is taken as it was meant, or not at all."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from tests.cli.conftest import Ran
from tests.commands import leaves
from tests.loading import load

from liferaft.evidence.standing import standing
from liferaft.vault import Vault
from liferaft_cli import running
from liferaft_cli.main import liferaft as group

Liferaft = Callable[..., Ran]


def filled(command: click.Command, empty: click.Parameter, nothing: str) -> Iterator[str]:
    """Every argument with a value that is right, but `empty` with none."""
    for parameter in command.params:
        if isinstance(parameter, click.Argument):
            fitting = parameter.type.choices[0] if isinstance(parameter.type, click.Choice) else "x"
            yield nothing if parameter is empty else str(fitting)
    if isinstance(empty, click.Option):
        yield from (empty.opts[-1], nothing)


def empties() -> Iterator[tuple[str, ...]]:
    for words, command in leaves(group):
        for parameter in command.params:
            if parameter.type is click.UNPROCESSED or getattr(parameter, "is_flag", False):
                continue
            yield (*words, *filled(command, parameter, ""))
            yield (*words, *filled(command, parameter, " "))


@pytest.mark.parametrize("arguments", [*empties()], ids=repr)
def test_an_empty_argument_is_wrong_usage_at_every_command(
    liferaft: Liferaft, arguments: tuple[str, ...]
) -> None:
    ran = liferaft(*arguments)
    assert ran.code == 2
    assert "Invalid value" in ran.err


@pytest.mark.usefixtures("east_reigns")
def test_an_unset_variable_destroys_nothing(liferaft: Liferaft, vault: Vault) -> None:
    for arguments in (("",), ("", "--yes"), ("--yes", "--config=", "east")):
        ran = liferaft("destroy", *arguments)
        assert ran.code == 2
        assert "it is empty" in ran.err
        assert "Plan:" not in ran.err
    assert standing(load(Path("liferaft.toml")), vault).site == "east"


@pytest.fixture
def conducted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sites whose plans were agreed to: nothing is run."""
    agreed: list[str] = []

    def run_plan(prepared: Any, _: object, **__: object) -> tuple[str, Any]:
        agreed.append(prepared.plan.site)
        raise click.exceptions.Exit(0)

    monkeypatch.setattr(running, "run_plan", run_plan)
    return agreed


@pytest.mark.usefixtures("east_reigns")
@pytest.mark.parametrize("typed", ["", "y\n", "yes\n", "north\n", "EAST\n"])
def test_yes_is_not_enough_to_destroy_the_site_that_reigns(
    liferaft: Liferaft, conducted: list[str], typed: str
) -> None:
    ran = liferaft("destroy", "east", "--yes", typed=typed)
    assert ran.code == 8
    assert "--site-that-reigns east" in ran.err
    assert ran.err.endswith("Nothing was done.\n")
    assert conducted == []


@pytest.mark.usefixtures("east_reigns")
def test_the_site_that_reigns_is_destroyed_by_its_name_typed_or_given(
    liferaft: Liferaft, conducted: list[str]
) -> None:
    assert liferaft("destroy", "east", typed="east\n").code == 0
    assert liferaft("destroy", "east", "--site-that-reigns", "east").code == 0
    assert conducted == ["east", "east"]


@pytest.mark.usefixtures("east_reigns")
def test_a_site_that_does_not_reign_is_destroyed_by_yes(
    liferaft: Liferaft, conducted: list[str]
) -> None:
    assert liferaft("destroy", "north", typed="").code == 8
    assert liferaft("destroy", "north", "--yes").code == 0
    assert conducted == ["north"]


@pytest.mark.usefixtures("east_reigns")
def test_a_name_that_says_it_reigns_does_not_go_with_the_servers_of_one_that_does_not(
    liferaft: Liferaft, conducted: list[str]
) -> None:
    ran = liferaft("destroy", "north", "--servers", "--site-that-reigns", "north")
    assert ran.code == 2
    assert conducted == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("state --config other.toml unlock north", "--config belongs behind unlock"),
        ("state --json restore north --from main", "--json belongs behind restore"),
        ("snapshot --json list", "--json belongs behind list"),
        ("snapshot --yes list", "--yes belongs behind list"),
    ],
)
def test_an_option_that_nobody_would_read_is_wrong_usage(
    liferaft: Liferaft, line: str, said: str
) -> None:
    """Another application's file was named, and this one's state was unlocked."""
    ran = liferaft(*line.split())
    assert ran.code == 2
    assert said in ran.err


@pytest.mark.usefixtures("east_reigns")
def test_the_name_of_another_site_destroys_none(liferaft: Liferaft, conducted: list[str]) -> None:
    ran = liferaft("destroy", "north", "--yes", "--site-that-reigns", "east")
    assert ran.code == 2
    assert conducted == []


@pytest.mark.parametrize("named", ["archive.info", "00000001000000000000000", "x" * 24])
def test_only_a_file_of_wal_can_be_given_up(liferaft: Liferaft, named: str) -> None:
    ran = liferaft("failover", "north", "--lose-from", named, "--yes")
    assert ran.code == 2
    assert "it names no file of WAL" in ran.err


def test_a_vaults_folder_is_not_made_by_wrong_usage(liferaft: Liferaft, folder: Path) -> None:
    liferaft("deploy", "")
    assert not (folder / "vault").exists()
