"""`liferaft snapshot restore`: a recovery point into a folder of a server, where it stays."""

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from liferaft_cli import opening, options, running

if TYPE_CHECKING:
    from liferaft.moves.verification import Wish
    from liferaft.recovery.verified import Verification
    from liferaft.site.world import World

_FOLDER = re.compile(r"(/[A-Za-z0-9_][A-Za-z0-9._-]*)+")


def _folder(ctx: click.Context, parameter: click.Parameter, value: str) -> str:
    if not _FOLDER.fullmatch(value):
        raise click.BadParameter(
            "it has to be a whole path of letters, digits, dots and hyphens, such as "
            "/var/lib/restored.",
            ctx=ctx,
            param=parameter,
        )
    return value


@click.command()
@options.argument("name")
@options.option(
    "--into",
    "folder",
    metavar="FOLDER",
    required=True,
    callback=_folder,
    help="A folder of the server; each data set gets one of its own in it, which is not there yet.",
)
@options.option("--at", "site", help="On servers of this site; without: of the one that reigns.")
@options.option("--from", "vault", help="From this vault; without: the first that has it.")
@options.option("--take-over", is_flag=True, help="End somebody else's trial on the same server.")
@options.config
@options.as_json
def restore(
    name: str,
    *,
    folder: str,
    site: str | None,
    vault: str | None,
    take_over: bool,
    config_path: Path,
    as_json: bool,
) -> None:
    """Restore recovery point NAME into FOLDER of a server, where it stays: to look for what is gone
    from what serves.

    Everything is as `snapshot verify` does it, every object is read, and the result is noted in the
    same way. Of a database its data directory lies there, stopped, with archiving off. Keys of
    certificates lie there in clear, readable by root: delete FOLDER when you are through.

    JSON: `name`, `epoch`, `vault`, `folder`, and what came of it (`at`, `by`, `where`, `seconds`,
    `whole`, `parts`, `faults`).

    Example: liferaft snapshot restore 20261122T140507Z --into /var/lib/restored
    """
    import asyncio

    from liferaft.moves.facts import current_epoch
    from liferaft.moves.verification import Wish, point_to_try

    found = opening.open_configuration(config_path)
    current = current_epoch(found.vault)
    point = point_to_try(found.vault, current.epoch, name)
    world = opening.world_of_epoch(found, site or current.site)
    wish = Wish(point, (vault,) if vault else (), whole=True, takes_over=take_over, into=folder)
    asked, came = asyncio.run(running.interruptible(_restore(world, wish)))
    if as_json:
        shape = {"name": point.name, "epoch": point.epoch, "vault": asked, "folder": folder}
        click.echo(json.dumps({**shape, **asdict(came)}, indent=2))
    for part in came.parts:
        what = f"{part['kind']} {part['name']}"
        click.echo(f"  {what}: {folder}/{part['kind']}-{part['name']}", err=True)
    click.secho(
        f"Recovery point {point.name} is restored into {folder} on {came.where}, from vault "
        f"{asked}, in {came.seconds:.0f} s.",
        fg="green",
        err=True,
    )


async def _restore(world: "World", wish: "Wish") -> "tuple[str, Verification]":
    from liferaft.moves.verification import vaults_of, verify

    async with world:
        access = vaults_of(world, wish)[0]
        return access.name, await verify(
            world, wish, access, lambda said: click.echo(said, err=True)
        )
