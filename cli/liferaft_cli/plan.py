"""`liferaft plan MOVE`: what a move would do, printed; a dry run."""

import json
from pathlib import Path

import click

from liferaft_cli import conduct, opening, options, screen

MOVES = ("clear", "deploy", "destroy", "failover", "image", "prune", "schedule", "snapshot")

WITHOUT_SITE = ("prune", "schedule", "snapshot")
"""Moves that need no SITE: it is the one that reigns."""


@click.command()
@options.argument("move", type=click.Choice(MOVES))
@options.argument("site", required=False)
@options.point
@options.at
@options.vault_as_of
@options.config
@options.as_json
def plan(
    move: str,
    site: str | None,
    *,
    point: str | None,
    moment: str | None,
    vault_moment: str | None,
    config_path: Path,
    as_json: bool,
) -> None:
    """Show the plan of MOVE towards SITE. Touches nothing, asks only the vault.

    Of a failover: also reads in the vault what it will need, and names every damage.

    JSON: `move`, `site`, `epoch`, `digest`, `at` (the moment as of which a failover brings data
    back, or null), `vaults` (what --vault-as-of would touch in each), `workload` (what a deploy
    changes in it, sentences), `notes` (what is damaged and made anew, what was not looked at; of a
    pruning, what stays and what goes), `restores` (how long it takes to be back by all that was
    measured, and how long data took when it was verified, sentences; failovers only), `back` (the
    same in seconds, with its error), `standby` (what a site that does not reign costs by the month;
    null of any other plan), `snapshot_follows` (whether a recovery point is taken afterwards) and
    `steps` (name, sentence, needs, deadline seconds).

    Example: liferaft plan failover hetzner
    """
    import asyncio

    from liferaft.moves.files import require_described
    from liferaft.moves.follow_up import lacks_point
    from liferaft.moves.former import require_none
    from liferaft.moves.preflight import require_whole
    from liferaft.moves.prune import sentences
    from liferaft.moves.restore_times import restore_times, time_back_of
    from liferaft.moves.standby import costs_of
    from liferaft.moves.time_back import sentences as told_of_time
    from liferaft.moves.workload_changes import workload_changes
    from liferaft.site.world import World

    if site is None and move not in WITHOUT_SITE:
        raise click.UsageError(f"`plan {move}` needs a SITE.")
    of_failovers = {"at": moment, "vault-as-of": vault_moment, "point": point}
    given = [name for name, value in of_failovers.items() if value is not None]
    if move != "failover" and given:
        raise click.UsageError(f"--{given[0]} goes with a failover.")
    found = opening.open_configuration(config_path)
    found, then = opening.look_back(found, site, vault_moment, take_over=True)
    above = then.above if then else 0
    is_past = then is not None and then.is_past
    built = conduct.plan_move(found, move, site, point=point, moment=moment, above=above).plan
    require_described(found.config, found.vault, move)
    at = opening.site_at(found, built.site)
    looked = require_whole(at, built, running=False, as_of_then=is_past)
    notes = (*asyncio.run(looked), *sentences(built))
    if not is_past:
        asyncio.run(require_none(at, built))
    workload = asyncio.run(workload_changes(World.of(at), built, values=False))
    follows = lacks_point(built, found.vault)
    costs = costs_of(built, found.config, found.vault)
    back = time_back_of(found.config, found.vault, built)
    times = (*(told_of_time(back) if back else ()), *restore_times(found.vault, built))
    if not as_json:
        screen.show_notes(then.sentences() if then else ())
        screen.show_plan(built)
        screen.show_costs(costs)
        screen.show_times(times)
        screen.show_notes(notes)
        screen.show_workload(workload)
        if follows:
            screen.show_follow_up(built.epoch)
        return
    click.echo(
        json.dumps(
            {
                "move": built.move,
                "site": built.site,
                "epoch": built.epoch,
                "digest": built.digest(),
                "workload": workload,
                "at": getattr(built.inputs, "at", None),
                "vaults": then.to_json() if then else [],
                "snapshot_follows": follows,
                "notes": notes,
                "restores": list(times),
                "back": back and back.to_json(),
                "standby": costs and costs.to_json(),
                "steps": [
                    {
                        "name": step.name,
                        "sentence": step.sentence,
                        "needs": list(step.needs),
                        "deadline": step.deadline,
                    }
                    for step in built.order()
                ],
            },
            indent=2,
        )
    )
