"""Arguments and options of every command, and those that several commands share.

Commands declare theirs by `argument` and `option` below, never by Click's own: these refuse what is
empty. An empty argument is an unset variable of a shell (`destroy "$SITE"`), not an answer.
"""

import re
from functools import partial
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource


class Argument(click.Argument):
    """An argument that may be left out, perhaps, but not empty."""

    def type_cast_value(self, ctx: click.Context, value: Any) -> Any:
        return super().type_cast_value(ctx, _given(self, ctx, value))


class Option(click.Option):
    """An option whose value may not be empty."""

    def type_cast_value(self, ctx: click.Context, value: Any) -> Any:
        return super().type_cast_value(ctx, _given(self, ctx, value))


argument = partial(click.argument, cls=Argument)
option = partial(click.option, cls=Option)


def _given(parameter: click.Parameter, ctx: click.Context, value: Any) -> Any:
    """Before any conversion: an empty path would become the folder that one is in."""
    if parameter.type is not click.UNPROCESSED:  # a command's own words are its own matter
        for one in value if isinstance(value, list | tuple) else (value,):
            if isinstance(one, str) and not one.strip():
                raise click.BadParameter(
                    "it is empty. Is a variable of the shell unset? Nothing was done.",
                    ctx=ctx,
                    param=parameter,
                )
    return value


def stand_behind(context: click.Context) -> None:
    """Refuse options between a group that is a command too and its subcommand.

    Nobody would read them there: `state --config OTHER unlock` would unlock this application.
    """
    given = [
        parameter.opts[0]
        for parameter in context.command.params
        if context.get_parameter_source(parameter.name or "") is ParameterSource.COMMANDLINE
    ]
    if given and context.invoked_subcommand is not None:
        raise click.UsageError(
            f"{given[0]} belongs behind {context.invoked_subcommand}. Nothing was done."
        )


def _segment(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and not re.fullmatch(r"[0-9A-F]{24}", value):
        raise click.BadParameter(
            "it names no file of WAL: 24 digits and letters from A to F.", ctx=ctx, param=parameter
        )
    return value


config = option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    default=Path("liferaft.toml"),
    show_default=True,
    help="The configuration.",
)
yes = option("--yes", is_flag=True, help="Do not ask; the plan is agreed to.")
as_json = option("--json", "as_json", is_flag=True, help="For machines, on stdout.")
point = option(
    "--point",
    metavar="NAME",
    help="Begin from this recovery point instead of the newest; see `liferaft snapshot list`.",
)
at = option(
    "--at",
    "moment",
    metavar="TIME",
    help='Bring the database back as of then, "2026-11-29 09:14": in UTC, or with an offset at its '
    "end, such as +01:00. What was written then or later is dropped.",
)
vault_as_of = option(
    "--vault-as-of",
    "vault_moment",
    metavar="TIME",
    help="First put the vaults back to what they were just before then, from the versions that "
    "their stores keep: for the day when somebody had a key of theirs. TIME as for --at.",
)
no_snapshot = option(
    "--no-snapshot",
    "leave_point",
    is_flag=True,
    help="Take no recovery point afterwards, though this reign has none yet.",
)
lose_from = option(
    "--lose-from",
    metavar="SEGMENT",
    callback=_segment,
    help="Go on to just before this file of WAL, which a failover named as missing or damaged: it "
    "and all that was written later is lost.",
)
take_over = option(
    "--take-over",
    is_flag=True,
    help="Take the operation lease from another operator whose run will not end.",
)
