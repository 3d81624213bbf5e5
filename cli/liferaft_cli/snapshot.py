"""`liferaft snapshot`: take a recovery point, list those that the vault holds."""

import json
from pathlib import Path

import click

from liferaft_cli import conduct, opening, options


@click.group(invoke_without_command=True)
@options.config
@options.yes
@options.take_over
@options.as_json
@click.pass_context
def snapshot(
    context: click.Context, *, config_path: Path, yes: bool, take_over: bool, as_json: bool
) -> None:
    """Take a recovery point of the site that reigns: everything needed to come back elsewhere.

    Example: liferaft snapshot
    """
    options.stand_behind(context)
    if context.invoked_subcommand is None:
        conduct.conduct(
            "snapshot", None, config_path=config_path, yes=yes, as_json=as_json, take_over=take_over
        )


@snapshot.command("list")
@options.config
@options.as_json
def list_points(*, config_path: Path, as_json: bool) -> None:
    """List the recovery points of the current reign, oldest first.

    JSON: a list of `name`, `epoch`, `site`, `taken_at`, `bytes`.

    Example: liferaft snapshot list
    """
    from liferaft.moves.facts import current_epoch
    from liferaft.recovery.point import history

    vault = opening.open_configuration(config_path).vault
    found = history(vault, current_epoch(vault).epoch)
    for damage in found.damaged:
        click.echo(f"DAMAGED: {damage}", err=True)
    rows = [
        {
            "name": point.name,
            "epoch": point.epoch,
            "site": point.site,
            "taken_at": point.taken_at,
            "bytes": sum(part.size for part in point.parts),
        }
        for point in found.whole
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        click.echo("{name}  epoch {epoch}  {site}  {bytes} bytes".format(**row))
    if not rows and not found.damaged:
        click.echo("There is no recovery point of this reign yet.")
