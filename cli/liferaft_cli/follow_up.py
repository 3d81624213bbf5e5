"""The recovery point after a move: taken by itself, and never in the move's way."""

from typing import TYPE_CHECKING

import click

from liferaft.failures import Failure
from liferaft_cli import bugs, exits, opening, process, running

if TYPE_CHECKING:
    from liferaft.plan.plan import Plan


def take_point(found: "opening.Opened", plan: "Plan", run: str) -> None:
    """Take the recovery point that the move's epoch lacks. The move is done, so the command ends
    well even if this fails: that is told loudly."""
    try:
        _take(found, plan, run)
    except KeyboardInterrupt as interrupt:
        _tell_missing(plan, Failure("interrupted"))
        raise click.exceptions.Exit(exits.INTERRUPTED) from interrupt
    except Failure as failure:
        _tell_missing(plan, failure)
    except Exception as error:  # noqa: BLE001 - a defect of the snapshot does not undo the move
        _tell_missing(plan, bugs.report(error))


def _take(found: "opening.Opened", plan: "Plan", run: str) -> None:
    from liferaft.moves.follow_up import lacks_point, prepare_snapshot

    if not lacks_point(plan, found.vault):
        return
    click.echo(f"A recovery point of epoch {plan.epoch}, as by `liferaft snapshot`:", err=True)
    prepared = prepare_snapshot(run, found.config, found.vault)
    world = opening.world_for(found, prepared.plan)
    taken, _ = running.run_plan(prepared, world, take_over=False)
    click.secho(f"The recovery point is taken; run {taken}.", fg="green", err=True)


def _tell_missing(plan: "Plan", failure: Failure) -> None:
    facts = failure.facts
    click.secho(
        f"NO RECOVERY POINT of epoch {plan.epoch} was taken: {facts.happened}",
        fg="red",
        bold=True,
        err=True,
        color=process.colour(),
    )
    for name, value in facts.details.items():
        click.echo(f"  {name}: {value}", err=True)
    click.echo(f"Safe: The {plan.move} of {plan.site} is done and stays so.", err=True)
    click.echo(f"Now:  liferaft snapshot. {facts.do}".rstrip(), err=True)
    click.echo("      `liferaft status` says what can be restored until then.", err=True)
