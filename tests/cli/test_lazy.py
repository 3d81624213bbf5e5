"""A command is loaded when it is called, and listed without."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from tests.commands import leaves

from liferaft_cli.drill import drill
from liferaft_cli.lazy import LazyCommand, LazyGroup
from liferaft_cli.main import COMMANDS
from liferaft_cli.main import liferaft as group
from liferaft_cli.secrets import secrets
from liferaft_cli.snapshot import snapshot
from liferaft_sandbox.command import sandbox

Liferaft = Callable[..., Any]
LAZY = [
    command
    for around in (group, sandbox, snapshot, drill, secrets)
    for command in around.commands.values()
    if isinstance(command, LazyCommand)
]
HEAVY = {"asyncio", "json", "logging", "pathlib", "tempfile", "traceback", "importlib.metadata"}
"""Of Python's own, what Click does without and takes milliseconds."""
PROBE = """
import sys
from liferaft_cli.main import main
try:
    main(sys.argv[1:])
except SystemExit as leave:
    assert not leave.code, leave.code
print(*sys.modules, sep="\\n", file=sys.stderr)
"""


def loaded(*arguments: str) -> set[str]:
    """The modules that a command loads, in an interpreter of its own."""
    argv = [sys.executable, "-c", PROBE, *arguments]
    ran = subprocess.run(argv, check=False, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    return set(ran.stderr.split())


def strangers(modules: set[str]) -> set[str]:
    """The packages among them that are neither Python's, nor Click, nor what starts Python."""
    known = {*sys.stdlib_module_names, "click", "_distutils_hack", "__main__"}
    return {name.partition(".")[0] for name in modules} - known


@pytest.mark.sandbox  # an interpreter of its own
def test_the_list_of_commands_loads_no_command_and_nothing_else_that_takes_time() -> None:
    modules = loaded("--help")
    assert strangers(modules) == {"liferaft", "liferaft_cli"}
    assert not modules & HEAVY
    assert {name for name in modules if name.startswith("liferaft.")} == {"liferaft.failures"}
    ours = {name for name in modules if name.startswith("liferaft_cli.")}
    assert ours == {f"liferaft_cli.{name}" for name in ("exits", "lazy", "main", "process")}


@pytest.mark.sandbox  # an interpreter of its own
@pytest.mark.parametrize("words", dict(leaves(group)), ids=" ".join)
def test_the_help_of_a_command_loads_neither_asyncio_nor_a_room_nor_a_library_but_click(
    words: tuple[str, ...],
) -> None:
    modules = loaded(*words, "--help")
    plugged = {"liferaft_sandbox"} if words[0] == "sandbox" else set()
    assert strangers(modules) == {"liferaft", "liferaft_cli"} | plugged
    assert "asyncio" not in modules
    assert {name for name in modules if name.startswith("liferaft.")} == {"liferaft.failures"}


@pytest.mark.sandbox  # an interpreter of its own
@pytest.mark.usefixtures("folder")
def test_who_only_looks_loads_nothing_that_alarms() -> None:
    assert "apprise" not in loaded("status")


@pytest.mark.parametrize("listed", LAZY, ids=lambda one: one.place)
def test_the_list_says_of_a_command_what_its_own_help_does(listed: LazyCommand) -> None:
    command = listed.load()
    assert command.name == listed.name
    for width in (20, 45, 60, 1000):  # a terminal's; what does not fit is cut
        assert listed.get_short_help_str(width) == command.get_short_help_str(width)


def test_every_command_is_in_the_list_under_a_name_of_its_own() -> None:
    assert {command.name for command in COMMANDS} == set(group.commands)
    folder = Path(__file__).parent.parent.parent / "cli" / "liferaft_cli"
    makers = {path.stem for path in folder.glob("*.py") if "@click." in path.read_text()}
    modules = {one.place.partition(":")[0] for one in LAZY}
    assert modules >= {f"liferaft_cli.{maker}" for maker in makers - {"main"}}


def test_an_almost_right_name_is_told_the_right_one(liferaft: Liferaft) -> None:
    ran = liferaft("deplo")
    assert ran.code == 2
    assert "No such command 'deplo'. Did you mean 'deploy'?" in ran.err


def test_a_command_that_was_not_called_stays_where_it_is() -> None:
    around = LazyGroup("around", commands=[LazyCommand("gone", "no.such:module", "Say nothing.")])
    context = click.Context(around)
    assert "Say nothing." in around.get_help(context)
    with pytest.raises(ModuleNotFoundError):
        around.resolve_command(context, ["gone"])
