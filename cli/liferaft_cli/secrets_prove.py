"""`liferaft secrets prove`: an operator shows that their identity opens what it has to."""

from pathlib import Path

import click

from liferaft_cli import opening, options
from liferaft_cli.running import interruptible


@click.command("prove")
@options.config
@options.take_over
def prove(*, config_path: Path, take_over: bool) -> None:
    """Open the secrets with your identity, and note in every vault that it did.

    Each operator has a canary: a word that their identity alone brings to light. Who never told it
    is named by `liferaft secrets list`, `status` and `doctor`: an identity that is lost is found
    out today, not in the failover.

    Example: liferaft secrets prove
    """
    import asyncio

    from liferaft.moves import operators

    found = opening.open_configuration(config_path)
    site = opening.site_at(found, found.config.primary, asks_cloud=False)
    kept = asyncio.run(interruptible(operators.prove(site, take_over=take_over)))
    click.secho("Your identity opens the secrets; that is noted.", fg="green", err=True)
    for recipient in kept.told.unproved:
        click.echo(f"Never proved: {recipient}", err=True)
