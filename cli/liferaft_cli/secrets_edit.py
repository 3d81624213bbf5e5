"""`liferaft secrets edit`: all secrets at once, in an editor, in memory."""

import os
import shlex
import subprocess
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from liferaft.failures import BadInput, Held, Refused
from liferaft_cli import opening, options, screen, secrets_given
from liferaft_cli.private_file import private_file
from liferaft_cli.running import interruptible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liferaft.secrets import KeptSecrets, SecretKeeper
    from liferaft_cli.opening import Opened

_HEAD: Final = """\
# Secrets of {app}, as TOML. Save and close to keep them; nothing changes if nothing is changed.
# A name that is deleted loses its value. This file lies in memory alone and is deleted then.

"""
_SAFE: Final = "Nothing was changed."


@click.command("edit")
@options.config
@options.take_over
def edit(*, config_path: Path, take_over: bool) -> None:
    """Edit all secrets in an editor: VISUAL, EDITOR, or vi.

    The file lies in memory (tmpfs), readable for you alone, and is deleted whatever comes. Who
    changes a secret meanwhile is not overwritten: then nothing of this is kept.

    Example: liferaft secrets edit
    """
    import asyncio

    from liferaft.moves.secret_changes import change_secrets
    from liferaft.secrets import SecretsChain
    from liferaft.site.own_secrets import keeper_of

    found = opening.open_configuration(config_path)
    site = opening.site_at(found, found.config.primary, asks_cloud=False)
    keeper = keeper_of(site)
    newest = SecretsChain(found.vault).newest(keeper.identity_file)
    old = {name: one.get_secret_value() for name, one in newest.own.items()} if newest else {}
    new = _edited(found, old)
    if new == old:
        click.echo("Nothing was changed.", err=True)
        return
    number = newest.told.number if newest else 0

    def change(before: "KeptSecrets") -> "KeptSecrets":
        if before.told.number != number:
            raise Held(
                "Somebody else has changed a secret while you edited",
                safe=f"{_SAFE} Theirs was not overwritten.",
                do="Run the same command again: it shows what they have changed.",
            )
        return _changed(before, old, new, keeper)

    work = change_secrets(site, "secrets edit", change, take_over=take_over)
    kept = asyncio.run(interruptible(work))
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    click.secho(f"{', '.join(names)}: kept (change {kept.told.number}).", fg="green", err=True)
    click.echo("Services are told by the next `liferaft deploy`.", err=True)


def _changed(
    before: "KeptSecrets", old: "Mapping[str, str]", new: "Mapping[str, str]", by: "SecretKeeper"
) -> "KeptSecrets":
    for name in old.keys() - new.keys():
        before = before.without_own(name)
    for name, value in new.items():
        if old.get(name) != value:
            before = before.with_own(name, value, by.says())
    return before


def _edited(found: "Opened", old: "Mapping[str, str]") -> dict[str, str]:
    """What the operator made of it. Asks whether to go on where it is not valid."""
    with private_file("secrets.toml", _HEAD.format(app=found.config.app.name) + _text(old)) as path:
        while True:
            _open_editor(path)
            try:
                return _read(found, path, old)
            except BadInput as error:
                click.secho(error.facts.happened, fg="red", err=True)
                if not screen.ask("Edit it again?", yes=False):
                    raise


def _text(values: "Mapping[str, str]") -> str:
    import tomlkit

    document = tomlkit.document()
    for name, value in values.items():
        document[name] = tomlkit.string(value, multiline="\n" in value)
    return tomlkit.dumps(document)


def _open_editor(path: Path) -> None:
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        ended = subprocess.run([*shlex.split(editor), str(path)], check=False)
    except (OSError, ValueError) as error:
        raise BadInput(
            f"The editor {editor} cannot be started", safe=_SAFE, do="Set EDITOR to another one."
        ) from error
    if ended.returncode:
        raise Refused(f"The editor ended with code {ended.returncode}", safe=_SAFE)


def _read(found: "Opened", path: Path, old: "Mapping[str, str]") -> dict[str, str]:
    try:
        read = tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:  # its message says where, and quotes no line
        raise BadInput(f"It is no TOML: {error}", safe=_SAFE) from None
    except (OSError, UnicodeDecodeError):
        raise BadInput("It cannot be read any more", safe=_SAFE) from None
    for name, value in read.items():
        if name not in old:
            secrets_given.require_declared(found.config, name)
        if not isinstance(value, str):
            raise BadInput(f'{name} is no text: {name} = "…"', safe=_SAFE)
        secrets_given.require_usable(found.config, name, value)
    return read
