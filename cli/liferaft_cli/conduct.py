"""What every move's command does: read, plan, show, ask, run, tell."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from liferaft_cli import exits, follow_up, keys_told, opening, putting_back, running, screen

if TYPE_CHECKING:
    from liferaft.moves.runner import Result
    from liferaft.moves.session import Prepared
    from liferaft.plan.plan import Plan


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
    moment: str | None = None,
    vault_moment: str | None = None,
    leave_point: bool = False,
    lose_from: str | None = None,
) -> None:
    """Plan a move, show it, ask, run it, and say what it did. An epoch that lacks a recovery point
    afterwards gets one.

    named: the site that reigns, as the operator named it beforehand. point: the recovery point
    that a failover begins from; None: the newest. moment: as of which it brings the database back,
    as the operator wrote it. vault_moment: to which the vaults are put back first, as well.
    leave_point: take none afterwards. lose_from: the
    segment of WAL before which it ends.
    """
    import asyncio

    from liferaft.moves.files import require_files
    from liferaft.moves.follow_up import lacks_point
    from liferaft.moves.former import require_none
    from liferaft.moves.preflight import require_whole
    from liferaft.moves.prune import sentences
    from liferaft.moves.standby import costs_of
    from liferaft.moves.vault_findings import try_all
    from liferaft.moves.workload_changes import workload_changes

    found = opening.open_configuration(config_path, site)
    found, back = opening.look_back(found, site, vault_moment, take_over=take_over)
    is_past = back is not None and back.is_past
    prepared = plan_move(
        *(found, move, site),
        point=point,
        moment=moment,
        above=back.above if back else 0,
        take_over=take_over,
    )
    # Before a person is asked: it may lack variables.
    world = opening.world_for(found, prepared.plan)
    require_files(world.site, move)
    notes = asyncio.run(
        require_whole(
            *(world.site, prepared.plan),
            running=True,
            take_over=take_over,
            as_of_then=is_past,
        )
    )
    if not is_past:
        asyncio.run(require_none(world.site, prepared.plan))
    screen.show_notes(back.sentences() if back else ())
    screen.show_plan(prepared.plan)
    screen.show_costs(costs_of(prepared.plan, found.config, found.vault))
    screen.show_notes(notes)
    tried = try_all(world.site) if move == "deploy" else ()
    screen.show_notes([*keys_told.new_findings(tried, found)])
    screen.show_workload(sentences(prepared.plan))
    if not prepared.plan.steps:
        tell_nothing(prepared.plan, as_json=as_json)
        return
    screen.show_workload(asyncio.run(workload_changes(world, prepared.plan, values=True)))
    follows = not leave_point and lacks_point(prepared.plan, found.vault)
    if follows:
        screen.show_follow_up(prepared.plan.epoch)
    if prepared.resumes:
        click.echo(f"Run {prepared.resumes.name} is unfinished: this goes on with it.", err=True)
    if not ask_for_agreement(prepared.plan, yes=yes, named=named):
        click.echo("Nothing was done.", err=True)
        raise click.exceptions.Exit(exits.DECLINED)
    if back is not None and is_past:
        found, world = putting_back.put_back(back, found, prepared.plan, take_over=take_over)
    keys_told.note(tried, found)
    world.run.lose_from = lose_from
    run, result = running.run_plan(prepared, world, take_over=take_over)
    tell(prepared.plan, run, result, as_json=as_json)
    if follows:
        follow_up.take_point(found, prepared.plan, run)


def plan_move(
    found: opening.Opened,
    move: str,
    site: str | None,
    *,
    point: str | None,
    moment: str | None = None,
    above: int = 0,
    take_over: bool = False,
) -> "Prepared":
    """The plan of a move, from the vault. Where that is damaged, all that a failover would lack is
    told at once. above: an epoch that was given out, where the vault was put back since."""
    import asyncio

    from liferaft.moves.damages import NotWhole
    from liferaft.moves.moment import moment_of
    from liferaft.moves.preflight import with_the_rest
    from liferaft.moves.session import prepare
    from liferaft.vault import Damaged

    at = None if moment is None else moment_of(moment, datetime.now(UTC))
    try:
        return prepare(move, site, found.config, found.vault, point=point, at=at, above=above)
    except (Damaged, NotWhole) as damage:
        if move != "failover" or site is None:
            raise
        raise asyncio.run(
            with_the_rest(opening.site_at(found, site), damage, take_over=take_over)
        ) from None


def ask_for_agreement(plan: "Plan", *, yes: bool, named: str | None) -> bool:
    """Ask. What deletes the site that reigns wants its name, typed or given: it holds the newest
    data, and `--yes` is in too many scripts."""
    if plan.move == "destroy" and plan.inputs.reigns:
        why, scripts = f"{plan.site} reigns.", f"--site-that-reigns {plan.site}"
        return named == plan.site or screen.ask_for_name(plan.site, why, scripts=scripts)
    if plan.move == "clear":
        why = f"What {plan.site} holds and no vault has will be lost."
        return yes or screen.ask_for_name(plan.site, why, scripts="--yes")
    return screen.ask("Do it?", yes=yes)


def tell_nothing(plan: "Plan", *, as_json: bool) -> None:
    """Say that a plan has no step: there was no run, which JSON tells as an empty name."""
    from liferaft.moves.runner import Result

    tell(plan, "", Result((), ()), as_json=as_json)


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
        deletes = plan.move in {"destroy", "prune"}
        state = "there was nothing to delete" if deletes else "it is as described"
        click.secho(f"Nothing changed at {plan.site}: {state}.", fg="green", err=True)
