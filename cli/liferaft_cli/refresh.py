"""`liferaft refresh`: ask a site's cloud what is really there, and note it in the site's state."""

from pathlib import Path

import click

from liferaft_cli import exits, opening, options, screen


@click.command()
@options.argument("site")
@options.option(
    "--clear-pending-creates", "clear", is_flag=True, help="Drop what a killed run was creating."
)
@options.config
@options.yes
@options.as_json
def refresh(site: str, *, clear: bool, config_path: Path, yes: bool, as_json: bool) -> None:
    """Compare SITE's state with its cloud; show the differences, ask, and note them.

    The cloud is only asked. What is gone there is made again by the next deploy. Of changes by
    hand, those to rules, sizes, keys and user data cannot be seen. What the cloud has and the state
    lost is found by the next deploy's labels.

    JSON: `changes` (operation → count) and `steps` (operation, URN), of the comparison.

    Example: liferaft refresh hetzner
    """
    import asyncio

    from liferaft.moves.refresh import refresh_state

    found = opening.open_configuration(config_path)
    at = opening.world_of_epoch(found, site).site
    shown = asyncio.run(refresh_state(at, preview=True, clear=clear))
    screen.show_changes(site, shown, as_json=as_json)
    if set(shown.changes) <= {"same"} and not clear:
        return
    if not screen.ask("Note it in the state?", yes=yes):
        click.echo("Nothing was noted.", err=True)
        raise click.exceptions.Exit(exits.DECLINED)
    asyncio.run(refresh_state(at, preview=False, clear=clear))
    click.echo(f"The state of {site} says what is there.", err=True)
