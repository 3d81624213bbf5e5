"""What every move's command does: read, plan, show, ask, run, tell.

The environment is read here and nowhere below: this is the edge.
"""

import json
import os
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from liferaft_cli import exits, folders, follow_up, screen

if TYPE_CHECKING:
    from liferaft.config import Config
    from liferaft.moves.runner import Result
    from liferaft.moves.session import Prepared
    from liferaft.plan.plan import Plan
    from liferaft.site.site import Site
    from liferaft.site.world import World
    from liferaft.vault import Vault

T = TypeVar("T")


@dataclass(frozen=True)
class Opened:
    """The configuration, and the vault that everything is kept in."""

    config: "Config"
    vault: "Vault"


def opened(config_path: Path, site: str | None = None) -> Opened:
    """Read the configuration and the environment. Asks nobody yet.

    site: where work is to be done, so that whatever it lacks is said before anything else.
    """
    from liferaft.config import load, resolve
    from liferaft.vault import open_vault

    config = load(config_path)
    credentials = resolve(config, os.environ, site=site if site in config.sites else None)
    name, vault = next(iter(config.vaults.items()))
    return Opened(config, open_vault(name, vault, credentials.vaults[name], prefix=config.app.name))


def world_for(found: Opened, plan: "Plan") -> "World":
    """The world in which a plan is run."""
    from liferaft.site.opening import open_to_work
    from liferaft.site.world import World

    epoch = plan.inputs.secrets_epoch
    return World.of(
        open_to_work(plan.site, found.config, found.vault, os.environ, secrets_epoch=epoch)
    )


def world_of_reign(found: Opened, site: str) -> "World":
    """The world of a site with the secrets of the epoch of today. Raises Refused before one."""
    from liferaft.moves.facts import known, reigning
    from liferaft.site.opening import open_to_look
    from liferaft.site.world import World

    known(found.config, site)
    epoch = reigning(found.vault).epoch
    return World.of(open_to_look(site, found.config, found.vault, os.environ, secrets_epoch=epoch))


def site_at(found: Opened, name: str, *, asks_cloud: bool = True) -> "Site":
    """A site to look at, without the app's secrets.

    asks_cloud: whether the site's cloud is asked; else what is wrong with its credentials is no
    matter.
    """
    from liferaft.site.opening import open_to_look

    return open_to_look(name, found.config, found.vault, os.environ, asks_cloud=asks_cloud)


def conduct(
    move: str,
    site: str | None,
    *,
    config_path: Path,
    yes: bool,
    as_json: bool,
    take_over: bool = False,
    named: str | None = None,
    point: str | None = None,
    leave_point: bool = False,
    lose_from: str | None = None,
) -> None:
    """Plan a move, show it, ask, run it, and say what it did. A reign that lacks a recovery point
    afterwards gets one.

    named: the site that reigns, as the operator named it beforehand. point: the recovery point
    that a failover begins from; None: the newest. leave_point: take none afterwards. lose_from: the
    segment of WAL before which it ends.
    """
    import asyncio

    from liferaft.moves.files import require_files
    from liferaft.moves.follow_up import lacks_point
    from liferaft.moves.former import require_none
    from liferaft.moves.preflight import require_whole
    from liferaft.moves.workload_changes import workload_changes

    found = opened(config_path, site)
    prepared = planned(found, move, site, point=point, take_over=take_over)
    world = world_for(found, prepared.plan)  # before a person is asked: it may lack variables
    world.run.lose_from = lose_from
    require_files(world, move)
    notes = asyncio.run(require_whole(world.site, prepared.plan, running=True, take_over=take_over))
    asyncio.run(require_none(world.site, prepared.plan))
    screen.show_plan(prepared.plan)
    screen.show_notes(notes)
    screen.show_workload(asyncio.run(workload_changes(world, prepared.plan, values=True)))
    follows = not leave_point and lacks_point(prepared.plan, found.vault)
    if follows:
        screen.show_follow_up(prepared.plan.epoch)
    if prepared.resumes:
        click.echo(f"Run {prepared.resumes.name} is unfinished: this goes on with it.", err=True)
    if not agreed(prepared.plan, yes=yes, named=named):
        click.echo("Nothing was done.", err=True)
        raise click.exceptions.Exit(exits.DECLINED)
    run, result = run_plan(prepared, world, take_over=take_over)
    tell(prepared.plan, run, result, as_json=as_json)
    if follows:
        follow_up.take_point(found, prepared.plan, run)


def planned(
    found: Opened, move: str, site: str | None, *, point: str | None, take_over: bool = False
) -> "Prepared":
    """The plan of a move, from the vault. Where that is damaged, all that a failover would lack is
    told at once."""
    import asyncio

    from liferaft.moves.damages import NotWhole
    from liferaft.moves.preflight import with_the_rest
    from liferaft.moves.session import prepare
    from liferaft.vault import Damaged

    try:
        return prepare(move, site, found.config, found.vault, point=point)
    except (Damaged, NotWhole) as damage:
        if move != "failover" or site is None:
            raise
        raise asyncio.run(
            with_the_rest(site_at(found, site), damage, take_over=take_over)
        ) from None


def agreed(plan: "Plan", *, yes: bool, named: str | None) -> bool:
    """Ask. What deletes the site that reigns wants its name, typed or given: it holds the newest
    data, and `--yes` is in too many scripts."""
    if plan.move == "destroy" and plan.inputs.reigns:
        why, scripts = f"{plan.site} reigns.", f"--site-that-reigns {plan.site}"
        return named == plan.site or screen.named(plan.site, why, scripts=scripts)
    if plan.move == "clear":
        why = f"What {plan.site} holds and no vault has will be lost."
        return yes or screen.named(plan.site, why, scripts="--yes")
    return screen.agreed("Do it?", yes=yes)


def run_plan(prepared: "Prepared", world: "World", *, take_over: bool) -> tuple[str, "Result"]:
    """Run a plan with live progress; the run's name and what it did."""
    import asyncio

    from liferaft.moves.session import execute

    with screen.Progress(prepared.plan) as progress:
        work = execute(
            prepared,
            world,
            folder=folders.state() / "runs",  # beside the vault's copy
            watch=progress,
            take_over=take_over,
        )
        return asyncio.run(_interruptible(work))


async def _interruptible(work: Coroutine[Any, Any, T]) -> T:
    """`work`; a Ctrl-C is answered at once, since what is under way may take a while to end."""
    import asyncio

    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        click.echo("Interrupted: ending what is under way. Once more to stop at once.", err=True)
        task.cancel()
        return await task


def tell(plan: "Plan", run: str, result: "Result", *, as_json: bool) -> None:
    """Say what a run changed. JSON: `run`, `move`, `site`, `epoch`, `changed`, `held`."""
    if as_json:
        shape: dict[str, Any] = {
            "run": run,
            "move": plan.move,
            "site": plan.site,
            "epoch": plan.epoch,
            "changed": list(result.changed),
            "held": list(result.held),
        }
        click.echo(json.dumps(shape, indent=2))
    if result.changed:
        click.secho(f"{plan.move} of {plan.site} is done; run {run}.", fg="green", err=True)
    else:
        state = "there was nothing to delete" if plan.move == "destroy" else "it is as described"
        click.secho(f"Nothing changed at {plan.site}: {state}.", fg="green", err=True)
