"""Every command that does something by itself, with the words that call it."""

from collections.abc import Iterator

import click

from liferaft_cli.lazy import LazyCommand


def leaves(around: click.Group, *words: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, listed in around.commands.items():
        command = listed.load() if isinstance(listed, LazyCommand) else listed
        if isinstance(command, click.Group):
            yield from leaves(command, *words, name)
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield (*words, name), command
