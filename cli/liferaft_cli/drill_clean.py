"""What drills left, deleted by `drill --clean`."""

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from liferaft.failures import VendorFailure
from liferaft_cli import exits, folders, opening, screen

if TYPE_CHECKING:
    from liferaft.moves.left_by_drills import LeftAtSite, Leftovers
    from liferaft.site.site import Site


def states() -> Path:
    """Where the engine keeps what it knows of drills, each in a folder of its own: worth nothing
    once nothing of the drill is there."""
    return folders.state() / "drills"


def forget_state(site: "Site") -> None:
    """All of a drill is gone, and what the engine knew of it is worth nothing."""
    if site.state_at is not None:
        shutil.rmtree(urlsplit(site.state_at.url).path, ignore_errors=True)


def clean(found: opening.Opened, *, yes: bool, take_over: bool, as_json: bool) -> None:
    """Find by labels what drills left at any cloud, show it, ask, delete it."""
    import asyncio

    from liferaft.config import resolve
    from liferaft.moves.left_by_drills import Leftovers

    host_keys = resolve(found.config, os.environ).host_keys
    leftovers = Leftovers(found.config, os.environ, host_keys)
    left = asyncio.run(leftovers.look())
    there = [one for one in left if one.found]
    for sentence in (sentence for one in left for sentence in one.sentences()):
        click.echo(sentence, err=True)
    unknown = [one for one in left if one.unknown is not None]
    if there and not screen.ask("Delete it?", yes=yes):
        click.echo("Nothing was done.", err=True)
        raise click.exceptions.Exit(exits.DECLINED)
    asyncio.run(_delete_left(found, leftovers, left, take_over=take_over))
    if as_json:
        deleted = [vars(thing) | {"site": one.site} for one in there for thing in one.found]
        asked = {one.standby: one.unknown.facts.happened for one in unknown if one.unknown}
        click.echo(json.dumps({"deleted": deleted, "not_asked": asked}, indent=2))
    if unknown:
        raise VendorFailure(
            f"Not every cloud could be asked: {', '.join(one.standby for one in unknown)}",
            safe="What others listed is deleted, and asked again it is gone.",
            do="Mend what is named above, then run the same command again.",
        )
    shutil.rmtree(states(), ignore_errors=True)
    gone = "Everything that drills left is deleted" if there else "Drills have left nothing"
    click.secho(f"{gone}: every cloud was asked.", fg="green", err=True)


async def _delete_left(
    found: opening.Opened,
    leftovers: "Leftovers",
    left: "tuple[LeftAtSite, ...]",
    *,
    take_over: bool,
) -> None:
    """Under the lease of drills: what one under way has made is not left."""
    import asyncio

    from liferaft.journal import hold_lease
    from liferaft.moves.begun_drills import drills_of, forget_begun_at

    records = drills_of(found.vault)
    async with hold_lease(records, "clean", what="cleaning up after drills", take_over=take_over):
        for one in left:
            if one.found:
                await leftovers.delete(one)
            if one.unknown is None:
                await asyncio.to_thread(forget_begun_at, found.vault, one.site)
