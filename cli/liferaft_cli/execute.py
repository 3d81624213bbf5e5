"""`liferaft exec`: a command on a server of a site, over the way that every move takes."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from liferaft_cli import opening, options


@click.command("exec", context_settings={"ignore_unknown_options": True})
@options.argument("site")
@options.argument("server")
@options.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@options.config
def execute(site: str, server: str, command: Sequence[str], *, config_path: Path) -> None:
    """Run COMMAND as root on SERVER of SITE, and exit with its code. Nothing of it is kept.

    The server has to prove the host key that is pinned in the vault. Needs your age identity: the
    key that lets in is among the app's secrets. Not interactive; a command that runs longer than
    ten minutes is ended.

    Example: liferaft exec hetzner app-1 -- podman logs --tail 50 app_web_1
    """
    import asyncio

    from liferaft.moves.on_server import run_on

    found = opening.open_configuration(config_path)
    done = asyncio.run(run_on(opening.world_of_epoch(found, site), server, command))
    click.echo(done.stdout, nl=False)
    click.echo(done.stderr, nl=False, err=True)
    sys.exit(done.exit_code)
