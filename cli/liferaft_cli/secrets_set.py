"""`liferaft secrets set`: a value comes in by a prompt, a file or standard input, never by argv."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from liferaft_cli import opening, options, secrets_given
from liferaft_cli.running import interruptible

if TYPE_CHECKING:
    from liferaft.secrets import KeptSecrets


@click.command("set")
@options.argument("name")
@secrets_given.file
@options.config
@options.take_over
def set_secret(name: str, *, file: Path | None, config_path: Path, take_over: bool) -> None:
    """Give secret NAME a value: typed, from a file, or from standard input.

    liferaft.toml declares it: [secrets.NAME]. One line's end behind the value is left out. The
    services that are told it have it with the next deploy.

    Example: liferaft secrets set SMTP_PASSWORD --file smtp-password.txt
    """
    import asyncio

    from liferaft.moves.secret_changes import change_secrets
    from liferaft.site.own_secrets import keeper_of

    found = opening.open_configuration(config_path)
    secrets_given.require_declared(found.config, name)
    value = secrets_given.value_of(found.config, name, file)
    site = opening.site_at(found, found.config.primary, asks_cloud=False)

    def change(before: "KeptSecrets") -> "KeptSecrets":
        return before.with_own(name, value, keeper_of(site).says())

    work = change_secrets(site, f"secrets set {name}", change, take_over=take_over)
    kept = asyncio.run(interruptible(work))
    secrets_given.tell_changed(found, name, kept)
