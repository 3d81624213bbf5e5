"""What a shell sees of a command's end."""

import click
import pytest

from liferaft.failures import BadInput, VendorFailure
from liferaft.moves.runner import StepsFailed
from liferaft_cli import exits
from liferaft_cli.main import liferaft, main


def code_of(*arguments: str) -> object:
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
    return left.value.code


@pytest.fixture
def ending(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    @click.option("--code", type=int, required=True)
    def end(code: int) -> None:
        if code:
            raise click.exceptions.Exit(code)

    monkeypatch.setitem(liferaft.commands, "end", end)


def test_a_step_that_failed_ends_with_the_code_of_its_cause() -> None:
    whole = StepsFailed("Step servers failed")
    assert exits.code_of(whole) == exits.FAILED
    whole.__cause__ = VendorFailure("aws: no")
    assert exits.code_of(whole) == exits.VENDOR
    whole.__cause__ = BadInput("no such file")
    assert exits.code_of(whole) == exits.BAD_INPUT


@pytest.mark.usefixtures("ending")
@pytest.mark.parametrize("code", [exits.FAILED, exits.DECLINED])
def test_the_code_that_a_command_ends_with_is_the_process_s(code: int) -> None:
    assert code_of("end", "--code", str(code)) == code


@pytest.mark.usefixtures("ending")
def test_a_command_that_ends_well_exits_with_nothing_to_tell() -> None:
    assert not code_of("end", "--code", "0")


def test_help_is_no_failure() -> None:
    assert not code_of("--help")


def test_a_wrong_option_is_told_from_a_failure() -> None:
    assert code_of("failover", "--no-such-option") == exits.USAGE
