"""`liferaft secrets add-operator` and `remove-operator`: who can open what is kept."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from liferaft_cli import exits, opening, options, screen
from liferaft_cli.running import interruptible

if TYPE_CHECKING:
    from liferaft.site.site import Site


@click.command("add-operator")
@options.argument("recipient")
@options.config
@options.take_over
def add_operator(recipient: str, *, config_path: Path, take_over: bool) -> None:
    """Let the operator of RECIPIENT, an age public key, open secrets and blueprint.

    It is written into `recipients` of liferaft.toml, and everything is encrypted anew, in every
    vault. Killed in between, the same command goes on. Let them run `liferaft secrets prove` then.

    Example: liferaft secrets add-operator age1…
    """
    import asyncio

    from liferaft.config import recipients
    from liferaft.moves import operators

    recipients.require_recipient(recipient)
    before = opening.open_configuration(config_path)
    if recipient not in _site(before).credentials.recipients:
        recipients.write_recipient(config_path, recipient)
        click.echo(f"{config_path} names {recipient}.", err=True)
    site = _site(opening.open_vaults(config_path))
    asyncio.run(interruptible(operators.let_in(site, recipient, take_over=take_over)))
    click.secho(f"{recipient} can open the secrets and the blueprint.", fg="green", err=True)
    click.echo("Let them show it: `liferaft secrets prove`, with their identity.", err=True)


@click.command("remove-operator")
@options.argument("recipient")
@options.config
@options.yes
@options.take_over
def remove_operator(recipient: str, *, config_path: Path, yes: bool, take_over: bool) -> None:
    """Encrypt what is kept from now on for everybody but the operator of RECIPIENT.

    They may have read what there was, and older objects of the vaults stay as they are: take their
    keys of the vaults away as well, and rotate the secrets that they knew.

    Example: liferaft secrets remove-operator age1…
    """
    import asyncio

    from liferaft.config import recipients
    from liferaft.failures import BadInput
    from liferaft.moves import operators

    found = opening.open_configuration(config_path)
    site = _site(found)
    operators.require_another(site, recipient)
    if not screen.ask(f"Remove {recipient}?", yes=yes):
        click.echo("Nothing was done.", err=True)
        raise click.exceptions.Exit(exits.DECLINED)
    if recipients.take_recipient_out(config_path, recipient):
        click.echo(f"{config_path} does not name {recipient} any more.", err=True)
    elif recipient in site.credentials.recipients:
        raise BadInput(
            f"{config_path} names {recipient} by a variable (env/NAME)",
            safe="Nothing was changed.",
            do="Take the variable out of `recipients` in [operators], then run the same command "
            "again.",
        )
    site = _site(opening.open_vaults(config_path))
    kept = asyncio.run(interruptible(operators.shut_out(site, recipient, take_over=take_over)))
    click.secho(f"{recipient} opens nothing that is kept from now on.", fg="green", err=True)
    names = ", ".join((*kept.told.own, "database-password"))
    click.echo(f"They may know what there was. Rotate it: {names}; and their vault keys.", err=True)


def _site(found: opening.Opened) -> "Site":
    return opening.site_at(found, found.config.primary, asks_cloud=False)
