"""`liferaft status`: who reigns, since when, what can be restored, what is under way."""

import json
from pathlib import Path

import click

from liferaft_cli import conduct, options


@click.command()
@options.config
@options.as_json
def status(*, config_path: Path, as_json: bool) -> None:
    """Say which site reigns, the newest recovery point, and unfinished runs. Asks only the vault.

    JSON: `epoch`, `site`, `since`, `destroyed_at`, `newest_point` (each may be null), `unfinished`
    (run names).

    Example: liferaft status
    """
    from liferaft.evidence.standing import standing

    found = standing(conduct.opened(config_path).vault)
    if as_json:
        click.echo(json.dumps(vars(found), indent=2))
        return
    if found.epoch is None:
        click.echo("Nothing reigns yet: the application was never deployed.")
    else:
        click.echo(f"Epoch {found.epoch}: {found.site} reigns since {found.since}.")
        if found.destroyed_at:
            click.echo(f"NOTHING SERVES: {found.site} was destroyed at {found.destroyed_at}.")
        click.echo(f"Newest recovery point: {found.newest_point or 'none'}.")
    for run in found.unfinished:
        click.echo(f"Unfinished: {run}")
