"""`liferaft state`: what the state says of each site; its lock; the way back from a copy."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from liferaft_cli import exits, opening, options, screen

if TYPE_CHECKING:
    from liferaft.provision.engine.contract import LockHolder
    from liferaft.site.state import SiteState


@click.group(invoke_without_command=True)
@options.config
@options.as_json
@click.pass_context
def state(context: click.Context, *, config_path: Path, as_json: bool) -> None:
    """Show each site's state: resources, last update, lock, what a kill left, history, copies.

    Asks only the vaults; needs no secret of the application.

    JSON: a list of `site`, `resources`, `written`, `pending` (operation and URN), `locks` (`lock`,
    `who`, `since`, `alive`: null where it cannot be told), `history` (`kind`, `result`, `ended`,
    `changes`; the newest first), `copies` (`place`, `written`, `resources`), `trouble` (null, or
    why the state cannot be read).

    Example: liferaft state
    """
    options.stand_behind(context)
    if context.invoked_subcommand is not None:
        return
    import asyncio

    shown = asyncio.run(_all(opening.open_configuration(config_path)))
    if as_json:
        click.echo(json.dumps([_shape(one) for one in shown], indent=2))
        return
    for one in shown:
        _tell(one)


@state.command()
@options.argument("site")
@options.config
@options.yes
def unlock(site: str, *, config_path: Path, yes: bool) -> None:
    """Take the lock of SITE's state away from a holder that is gone. Says who, and asks.

    A holder whose process runs on this machine is not robbed: end that process.

    Example: liferaft state unlock aws-east
    """
    import asyncio

    from liferaft.failures import Held
    from liferaft.moves.facts import require_site

    found = opening.open_configuration(config_path)
    require_site(found.config, site)
    looked_at = opening.site_at(found, site, asks_cloud=False)
    request = asyncio.run(looked_at.lookup())
    holders = asyncio.run(_holders(request.state, request.project, site))
    for holder in holders:
        click.echo(_sentence(holder), err=True)
        if holder.alive:
            raise Held(
                f"The state of {site} is locked by a process that runs: {holder.who}",
                safe="Nothing was done.",
                do="Wait for it, or end that process; then run the same command again.",
            )
    if not holders:
        click.echo(f"The state of {site} is not locked.", err=True)
        return
    question = "Take the lock away? Whoever still works would go on writing."
    if not screen.ask(question, yes=yes):
        click.echo("Nothing was done.", err=True)
        raise click.exceptions.Exit(exits.DECLINED)
    asyncio.run(looked_at.engine.cancel(request))
    click.echo(f"The state of {site} is free.", err=True)


@state.command()
@options.argument("site")
@options.option("--from", "vault_name", required=True, help="The vault whose copy is used.")
@options.config
@options.yes
def restore(site: str, *, vault_name: str, config_path: Path, yes: bool) -> None:
    """Put the copy in another vault in the place of SITE's state in the one that leads.

    What it replaces is kept among the state's backups. Whatever was made or deleted after the copy
    is not in it: the next deploy finds it again by its labels.

    Example: liferaft state restore aws-east --from second
    """
    import asyncio

    from liferaft.moves.facts import require_site
    from liferaft.provision.engine.state import copies
    from liferaft.site.state import copy_in, state_places

    found = opening.open_configuration(config_path)
    require_site(found.config, site)
    looked_at = opening.site_at(found, site, asks_cloud=False)
    request = asyncio.run(looked_at.lookup())
    places = state_places(found.config, looked_at.credentials, found.vault)
    copy = asyncio.run(copy_in(places, request.project, site, vault_name))
    click.echo(f"The copy in {vault_name} is of {copy.when}: {copy.resources} resources.", err=True)
    if not screen.ask(f"Make it the state of {site}?", yes=yes):
        click.echo("Nothing was done.", err=True)
        raise click.exceptions.Exit(exits.DECLINED)
    kept = asyncio.run(copies.restore(copy, request.state, request.project, site))
    click.echo(f"{site} has the state of {copy.when}.", err=True)
    if kept:
        click.echo(f"What was there before: {kept}", err=True)


async def _all(found: opening.Opened) -> "list[SiteState]":
    from liferaft.provision.engine.project_file import project_name
    from liferaft.site.state import site_state, state_places

    project = project_name(found.config.app.project)
    first = next(iter(found.config.sites))
    credentials = opening.site_at(found, first, asks_cloud=False).credentials
    places = state_places(found.config, credentials, found.vault)
    return [await site_state(places, project, site) for site in found.config.sites]


async def _holders(location: Any, project: str, site: str) -> "tuple[LockHolder, ...]":
    from liferaft.provision.engine.state.lock import holders
    from liferaft.provision.engine.state.storage import Storage

    return await holders(Storage(location), project, site)


def _sentence(holder: "LockHolder") -> str:
    alive = {True: "it runs", False: "it does not run here any more", None: "unknown if it runs"}
    return f"locked by {holder.who} since {holder.since}: {alive[holder.alive]}"


def _shape(one: "SiteState") -> dict[str, Any]:
    found = one.standing
    return {
        "site": one.site,
        "resources": found.resources if found else None,
        "written": found.written if found else None,
        "pending": list(found.pending) if found else [],
        "locks": [vars(holder) for holder in found.holders] if found else [],
        "history": [vars(update) for update in found.history] if found else [],
        "copies": [
            {"place": copy.place, "written": copy.when, "resources": copy.resources}
            for copy in one.copies
        ],
        "trouble": str(one.trouble) if one.trouble else None,
    }


def _tell(one: "SiteState") -> None:
    if one.standing is None:
        click.secho(f"{one.site}: the state cannot be read: {one.trouble}", fg="red")
    elif one.standing.written is None:
        click.echo(f"{one.site}: never deployed")
    else:
        found = one.standing
        click.echo(f"{one.site}: {found.resources} resources, written {found.written}")
    for holder in one.standing.holders if one.standing else ():
        click.echo(f"  {_sentence(holder)}")
    for operation in one.standing.pending if one.standing else ():
        click.echo(f"  left by a kill: {operation}")
    for update in one.standing.history if one.standing else ():
        counts = ", ".join(f"{count} {op}" for op, count in update.changes.items())
        click.echo(f"  {update.ended}  {update.kind} {update.result}: {counts or 'no changes'}")
    for copy in one.copies:
        click.echo(f"  copy in {copy.place} of {copy.when}: {copy.resources} resources")
