"""`liferaft exec`, `liferaft ssh` and `liferaft logs`: what people need at three in the morning."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from liferaft_cli import opening, options, terminal

if TYPE_CHECKING:
    from liferaft.site.world import World

_WORDS = {"ignore_unknown_options": True}
_site = options.option("--site", metavar="SITE", help="Where; at the site that reigns without.")
_server = options.option("--server", metavar="SERVER", help="On this server, such as app-2.")


@click.command("exec", context_settings=_WORDS)
@options.argument("service")
@options.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@_site
@_server
@options.config
def execute(
    service: str,
    command: Sequence[str],
    *,
    site: str | None,
    server: str | None,
    config_path: Path,
) -> None:
    """Run COMMAND in the container of SERVICE, and exit with its code. Nothing of it is kept.

    At the site that reigns, on the first server that runs SERVICE. What you type or pipe goes
    there; at a terminal it has one. Needs your age identity, as `liferaft ssh` does.

    Example: liferaft exec web -- python manage.py shell
    """
    import asyncio

    from liferaft.moves.on_server import run_in

    world = _world(config_path, site)
    with terminal.lent() as streams:
        code = asyncio.run(run_in(world, service, command, streams, server))
    sys.exit(code)


@click.command(context_settings=_WORDS)
@options.argument("server")
@options.argument("command", nargs=-1, type=click.UNPROCESSED)
@_site
@options.config
def ssh(server: str, command: Sequence[str], *, site: str | None, config_path: Path) -> None:
    """A shell as root on SERVER, or COMMAND run there; exits with its code. Nothing of it is kept.

    The server has to prove the host key that is pinned in the vault. Needs your age identity: the
    key that lets in is among the app's secrets, and is written nowhere.

    Example: liferaft ssh app-1 -- df --human-readable /
    """
    import asyncio

    from liferaft.moves.on_server import run_on

    world = _world(config_path, site)
    with terminal.lent() as streams:
        code = asyncio.run(run_on(world, server, command, streams))
    sys.exit(code)


@click.command()
@options.argument("service")
@options.option("-f", "--follow", is_flag=True, help="Go on until Ctrl-C.")
@options.option("--tail", type=click.IntRange(min=0), metavar="N", help="The last N lines alone.")
@options.option(
    "--since", metavar="TIME", help='Since then: "15m", "2h", or "2026-11-29 09:14" in UTC.'
)
@_site
@_server
@options.config
def logs(
    service: str,
    *,
    follow: bool,
    tail: int | None,
    since: str | None,
    site: str | None,
    server: str | None,
    config_path: Path,
) -> None:
    """What the container of SERVICE has said, at the site that reigns.

    Of every server that runs it; with several, each line has the server's name in front. It is
    what the application printed: there may be secrets in it.

    Example: liferaft logs web --since 15m --follow
    """
    import asyncio

    from liferaft.moves.on_server import show_logs

    when = None if since is None else _since(since)
    world = _world(config_path, site)
    with terminal.shown() as streams:
        code = asyncio.run(
            show_logs(
                *(world, service, streams), server=server, follow=follow, tail=tail, since=when
            )
        )
    sys.exit(code)


def _world(config_path: Path, site: str | None) -> "World":
    from liferaft.moves.facts import current_epoch

    found = opening.open_configuration(config_path)
    return opening.world_of_epoch(found, site or current_epoch(found.vault).site)


def _since(text: str) -> str:
    """As podman takes it. Raises BadInput for what is no time."""
    from liferaft.config.targets import span
    from liferaft.moves.moment import moment_of

    try:
        return f"{span(text).total_seconds():.0f}s"
    except ValueError:
        return moment_of(text, datetime.now(UTC)).isoformat()
