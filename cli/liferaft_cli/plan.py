"""`liferaft plan MOVE`: what a move would do, printed; a dry run."""

import asyncio
import json
from pathlib import Path

import click

from liferaft_cli import conduct, options, screen

MOVES = ("clear", "deploy", "destroy", "failover", "image", "snapshot")


@click.command()
@options.argument("move", type=click.Choice(MOVES))
@options.argument("site", required=False)
@options.point
@options.config
@options.as_json
def plan(
    move: str, site: str | None, *, point: str | None, config_path: Path, as_json: bool
) -> None:
    """Show the plan of MOVE towards SITE. Touches nothing, asks only the vault.

    JSON: `move`, `site`, `epoch`, `digest`, and `steps` (name, sentence, needs, deadline seconds).

    Example: liferaft plan failover hetzner
    """
    from liferaft.moves.former import require_none
    from liferaft.moves.inputs import require_described
    from liferaft.moves.session import prepare

    if site is None and move != "snapshot":
        raise click.UsageError(f"`plan {move}` needs a SITE.")
    if point is not None and move != "failover":
        raise click.UsageError("--point goes with a failover.")
    found = conduct.opened(config_path)
    built = prepare(move, site, found.config, found.vault, point=point).plan
    require_described(found.config, move)
    asyncio.run(require_none(conduct.world_at(found, built.site), built))
    if not as_json:
        screen.show_plan(built)
        return
    click.echo(
        json.dumps(
            {
                "move": built.move,
                "site": built.site,
                "epoch": built.epoch,
                "digest": built.digest(),
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
