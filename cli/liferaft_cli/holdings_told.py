"""What the sites' clouds hold of ours, as `status --cloud` tells it."""

from typing import TYPE_CHECKING

import click

from liferaft_cli import opening

if TYPE_CHECKING:
    from liferaft.moves.holdings import Holdings


def ask(opened: opening.Opened, sites: tuple[str, ...]) -> "list[Holdings]":
    """Of each site, asked one after the other: one that does not answer says so in its turn."""
    import asyncio

    from liferaft.moves.facts import require_site
    from liferaft.moves.holdings import holdings

    for name in sites:
        require_site(opened.config, name)
    found = []
    for name in sites or tuple(opened.config.sites):
        click.echo(f"asking {opened.config.sites[name].cloud} about {name} …", err=True)
        found.append(asyncio.run(holdings(opening.site_at(opened, name))))
    return found


def tell(found: "Holdings", *, serves: bool) -> None:
    click.echo(f"\n{found.site} ({found.account or found.cloud})")
    if found.trouble is not None:
        click.echo(f"  NOT KNOWN: {found.trouble.happened}")
        return
    for thing in found.things:
        unknown = "not in the state yet" if found.run else "LEFTOVER: no state knows it"
        mark = "" if thing.known else f"   {unknown}"
        click.echo(f"  {thing.kind:<14}{thing.id:<26}  {thing.name}  epoch {thing.epoch}{mark}")
    if not found.things:
        click.echo("  nothing of ours")
    if not all(thing.known for thing in found.things):
        click.echo(f"  {_advice(found, serves=serves)}")


def _advice(found: "Holdings", *, serves: bool) -> str:
    if found.run:
        return f"Run {found.run} has not ended: what the state does not know yet may be its own."
    if serves:
        return (
            f"The application runs here: `liferaft deploy {found.site}` takes over what it needs "
            f"of them, by their labels; delete the others at {found.cloud}."
        )
    return f"Leftovers go with `liferaft destroy {found.site}`, with everything else."
