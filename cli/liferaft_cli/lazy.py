"""Commands that are loaded when they are called: a list of them costs no import."""

from importlib import import_module
from typing import ClassVar

import click


class LazyCommand(click.Command):
    """A command's entry in its group: what `--help` says of it, and where the command itself is."""

    def __init__(self, name: str, place: str, summary: str) -> None:
        """place: `module:name`. summary: the first sentence of the command's own help."""
        super().__init__(name, help=summary)
        self.place = place

    def load(self) -> click.Command:
        """Import the command itself."""
        module, _, name = self.place.partition(":")
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command), self.place
        return command


class PluggedCommand(LazyCommand):
    """The entry of a command from a package of its own, which may not be installed."""

    def __init__(self, name: str, folder: str, summary: str) -> None:
        """folder: where in liferaft's repository the package lies."""
        super().__init__(name, folder, summary)

    def load(self) -> click.Command:
        from liferaft_cli import plugged

        return plugged.require_command(str(self.name), self.place)


class LazyGroup(click.Group):
    """A group that loads a command once it is called, and lists it without."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        return name, command.load() if isinstance(command, LazyCommand) else command, rest


class DefaultGroup(LazyGroup):
    """A group of which one command need not be named: what names no other is that one's."""

    default: ClassVar[str]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not set(args[:1]) & {*self.commands, *ctx.help_option_names}:
            args = [self.default, *args]
        return super().parse_args(ctx, args)
