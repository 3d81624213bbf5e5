"""Every command that does something by itself, with the words that call it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from liferaft_cli.lazy import LazyCommand
from liferaft_cli.main import liferaft


def leaves(around: click.Group, *words: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, listed in around.commands.items():
        command = listed.load() if isinstance(listed, LazyCommand) else listed
        if isinstance(command, click.Group):
            yield from leaves(command, *words, name)
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield (*words, name), command


def understand(words: Sequence[str]) -> tuple[tuple[str, ...], Mapping[str, Any]]:
    """Which command of today these words of a command line call, and with which values. Raises
    click.UsageError for what it does not understand."""
    command: click.Command = liferaft
    context, path, rest = click.Context(command, info_name="liferaft"), list[str](), list(words)
    while isinstance(command, click.Group):
        name, found, rest = command.resolve_command(context, rest)
        assert found is not None
        path.append(str(name))
        command = found
    made = command.make_context(path[-1], rest, parent=context)
    return tuple(path), made.params
