"""`liferaft snapshot verify`: whether a recovery point comes back, by bringing it back."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from liferaft_cli import opening, options, running

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liferaft.moves.verification import PointNotProven, Wish
    from liferaft.recovery.verified import Verification
    from liferaft.site.world import World


@click.command()
@options.argument("name", required=False)
@options.option("--at", "site", help="On servers of this site; without: of the one that reigns.")
@options.option("--from", "vault", help="From this vault alone; without: from each that has it.")
@options.option("--all", "whole", is_flag=True, help="Read every object, and not a sample.")
@options.option("--take-over", is_flag=True, help="End somebody else's trial on the same server.")
@options.config
@options.as_json
def verify(
    name: str | None,
    *,
    site: str | None,
    vault: str | None,
    whole: bool,
    take_over: bool,
    config_path: Path,
    as_json: bool,
) -> None:
    """Restore a recovery point in a scratch place, compare it, and delete it again.

    NAME is of `snapshot list`; without it: the newest. It is a real restore, beside what lives on
    the server, with the least share of everything there, and gives way to a failover. Nothing is
    archived from it, no lease is taken, and no byte of a vault is changed but one record: that it
    was verified, when, by what, and how long it took.

    JSON: `name`, `epoch`, `vaults` (by vault: `at`, `by`, `where`, `seconds`, `whole`, `parts`,
    `faults`).

    Example: liferaft snapshot verify --at hetzner
    """
    import asyncio

    from liferaft.moves.facts import current_epoch
    from liferaft.moves.verification import Wish, point_to_try

    found = opening.open_configuration(config_path)
    current = current_epoch(found.vault)
    point = point_to_try(found.vault, current.epoch, name)
    world = opening.world_of_epoch(found, site or current.site)
    wish = Wish(point, (vault,) if vault else (), whole, take_over)
    results, faults = asyncio.run(running.interruptible(_verify(world, wish)))
    if as_json:
        shape = {vault: asdict(one) for vault, one in results.items()}
        click.echo(
            json.dumps({"name": point.name, "epoch": point.epoch, "vaults": shape}, indent=2)
        )
    for one in faults:
        raise one


async def _verify(
    world: "World", wish: "Wish"
) -> "tuple[Mapping[str, Verification], list[PointNotProven]]":
    """Each vault in its turn: what one lacks keeps no other from being tried."""
    from liferaft.moves.verification import PointNotProven, vaults_of, verify

    results: dict[str, Verification] = {}
    faults: list[PointNotProven] = []
    async with world:
        for access in vaults_of(world, wish):
            try:
                came = await verify(world, wish, access, lambda said: click.echo(said, err=True))
            except PointNotProven as fault:
                faults.append(fault)
                results[access.name] = fault.came
                continue
            results[access.name] = came
            _tell(wish.point.name, access.name, came)
    return results, faults


def _tell(point: str, vault: str, came: "Verification") -> None:
    for part in came.parts:
        for sentence in (*part["checked"], *part["unread"]):
            click.echo(f"  {part['kind']} {part['name']}: {sentence}", err=True)
    click.secho(
        f"Recovery point {point} comes back whole from vault {vault}: tried on {came.where} in "
        f"{came.seconds:.0f} s.",
        fg="green",
        err=True,
    )
