"""`liferaft snapshot`: take a recovery point, list, try and prune those that the vault holds."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from liferaft_cli import conduct, opening, options
from liferaft_cli.lazy import LazyCommand, LazyGroup

if TYPE_CHECKING:
    from liferaft.recovery.verified import VerifiedPoint


@click.group(cls=LazyGroup, invoke_without_command=True)
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


@snapshot.command("prune")
@options.config
@options.yes
@options.take_over
@options.as_json
def prune(*, config_path: Path, yes: bool, take_over: bool, as_json: bool) -> None:
    """Let go of recovery points that `keep` in [snapshots] does not keep, in every vault.

    The plan says of each point why it stays, or what goes with it. The newest one always stays, and
    so do the last verified one and what an unfinished run names.

    Example: liferaft snapshot prune
    """
    conduct.conduct(
        "prune", None, config_path=config_path, yes=yes, as_json=as_json, take_over=take_over
    )


@snapshot.command("schedule")
@options.config
@options.yes
@options.take_over
@options.as_json
def schedule(*, config_path: Path, yes: bool, take_over: bool, as_json: bool) -> None:
    """Let the database's server take recovery points by itself, as `every` in [snapshots] says;
    without it, no more.

    A deploy and a failover do so by themselves where it is there.

    Example: liferaft snapshot schedule
    """
    conduct.conduct(
        "schedule", None, config_path=config_path, yes=yes, as_json=as_json, take_over=take_over
    )


@snapshot.command("list")
@options.config
@options.as_json
def list_points(*, config_path: Path, as_json: bool) -> None:
    """List the recovery points of the current reign, oldest first.

    A point is verified once `snapshot verify` has brought it back in a scratch place.

    JSON: a list of `name`, `epoch`, `site`, `taken_at`, `bytes`, `verified` (by vault: `at`, `by`,
    `where`, `seconds`, `whole`, `faults`).

    Example: liferaft snapshot list
    """
    from liferaft.moves.facts import current_epoch
    from liferaft.recovery.point import history
    from liferaft.recovery.verified import verification_of

    vault = opening.open_configuration(config_path).vault
    found = history(vault, current_epoch(vault).epoch)
    for damage in found.damaged:
        click.echo(f"DAMAGED: {damage}", err=True)
    known = {one.name: verification_of(vault, one.epoch, one.name) for one in found.whole}
    rows = [
        {
            "name": point.name,
            "epoch": point.epoch,
            "site": point.site,
            "taken_at": point.taken_at,
            "bytes": sum(part.size for part in point.parts),
            "verified": {
                name: {field: value for field, value in vars(one).items() if field != "parts"}
                for name, one in known[point.name].vaults.items()
            },
        }
        for point in found.whole
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        click.echo("{name}  epoch {epoch}  {site}  {bytes} bytes".format(**row))
        for sentence in told(known[str(row["name"])]):
            click.echo(f"  {sentence}")
    if not rows and not found.damaged:
        click.echo("There is no recovery point of this reign yet.")


def told(known: "VerifiedPoint") -> Iterator[str]:
    """What is known of a point, vault by vault."""
    for vault, one in known.vaults.items():
        if one.faults:
            yield f"DOES NOT COME BACK from vault {vault}, tried at {one.at}: {one.faults[0]}"
        else:
            yield f"verified from vault {vault} at {one.at}, in {one.seconds:.0f} s"
    if not known.vaults:
        yield "never verified"


snapshot.add_command(
    LazyCommand(
        "restore",
        "liferaft_cli.restore:restore",
        "Restore recovery point NAME into FOLDER of a server, where it stays: to look for what is "
        "gone from what serves.",
    )
)
snapshot.add_command(
    LazyCommand(
        "verify",
        "liferaft_cli.verify:verify",
        "Restore a recovery point in a scratch place, compare it, and delete it again.",
    )
)
