"""What commands about secrets take from an operator, and what they tell of it."""

import sys
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from liferaft.failures import BadInput
from liferaft_cli import options

if TYPE_CHECKING:
    from liferaft.config import Config
    from liferaft.secrets import KeptSecrets
    from liferaft_cli.opening import Opened

LARGEST: Final = 64 * 1024
"""Bytes of a value: a key or a certificate with its chain has a few thousand."""

file = options.option(
    "--file",
    type=click.Path(path_type=Path, allow_dash=True),
    metavar="PATH",
    help="Read the value from this file; `-`, as without a terminal, is standard input.",
)


def require_declared(config: "Config", name: str) -> None:
    """Raise BadInput for a secret that liferaft.toml does not name: most are typing mistakes."""
    if name in config.secrets:
        return
    close = get_close_matches(name, config.secrets, n=1)
    guess = f"Did you mean {close[0]}? Else write" if close else "Write"
    raise BadInput(
        f"liferaft.toml declares no secret {name}",
        safe="Nothing was changed.",
        do=f"{guess} a table [secrets.{name}] into it, and run the same command again.",
    )


def value_of(config: "Config", name: str, path: Path | None) -> str:
    """The value as it was given, without one line's end behind it. Raises BadInput."""
    text = _read(name, path)
    value = text.removesuffix("\n").removesuffix("\r")
    require_usable(config, name, value)
    return value


def require_usable(config: "Config", name: str, value: str) -> None:
    """Raise BadInput for what those who are to be told it could not be told: else a failover would
    be the first to find out."""
    _require_text(name, value)
    from liferaft.compose import secret_values
    from liferaft.data import registry
    from liferaft.site.workload import wanted

    if "\n" in value and name in secret_values.in_variables(wanted(config)):
        raise BadInput(
            f"The value of {name} has several lines, and services are told it in a variable",
            safe="Nothing was changed.",
            do="Give it to them as a Compose secret (`secrets`), which is a file there.",
        )
    for kind in registry.kinds_of(config):
        if why := kind.objection_to_secret(config, name, value):
            raise BadInput(f"The value of {name} {why}", safe="Nothing was changed.")


def _require_text(name: str, value: str) -> None:
    if not value:
        raise BadInput(f"The value of {name} is empty", safe="Nothing was changed.")
    if len(value.encode()) > LARGEST:
        raise BadInput(
            f"The value of {name} is larger than {LARGEST // 1024} KiB",
            safe="Nothing was changed.",
        )
    if "\0" in value:
        raise BadInput(f"The value of {name} is no text", safe="Nothing was changed.")


def _read(name: str, path: Path | None) -> str:
    from liferaft import texts

    if path is not None and str(path) != "-":
        try:
            return texts.read_text(path)
        except texts.Unreadable as error:
            raise BadInput(
                f"The value of {name} cannot be read from {path}: {error}",
                safe="Nothing was changed.",
            ) from error
    if path is None and sys.stdin.isatty():
        return str(click.prompt(name, hide_input=True, confirmation_prompt=True, err=True))
    try:
        return sys.stdin.read(2 * LARGEST)
    except UnicodeDecodeError as error:
        raise BadInput(f"The value of {name} is no text", safe="Nothing was changed.") from error


def tell_changed(found: "Opened", name: str, kept: "KeptSecrets") -> None:
    """Say what was kept, and how it reaches who is told it."""
    from liferaft.compose import secret_values
    from liferaft.compose.secret_marks import names_in, told_in_secret
    from liferaft.site.workload import wanted

    who = secret_values.used(wanted(found.config)).get(name, ())
    click.secho(f"{name} is kept, encrypted (change {kept.told.number}).", fg="green", err=True)
    in_drills = any(
        name in names_in(value)
        for value in told_in_secret(found.config.drill.environment, [name]).values()
    )
    if who:
        click.echo(f"{', '.join(who)} is told it by the next `liferaft deploy`.", err=True)
    elif in_drills:
        click.echo("The services of a drill alone are told it: those of the next one.", err=True)
    else:
        click.echo(
            f"No service is told it: name it in the Compose file, as ${{{name}}} or as a secret.",
            err=True,
        )
