"""The vaults are put back to a moment, before a failover takes what is there."""

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from liferaft_cli import opening

if TYPE_CHECKING:
    from liferaft.moves.vaults_as_of import VaultsAsOf
    from liferaft.plan.plan import Plan
    from liferaft.site.world import World

TOLD_SECONDS = 2.0


def put_back(
    back: "VaultsAsOf", found: opening.Opened, plan: "Plan", *, take_over: bool
) -> "tuple[opening.Opened, World]":
    """Do what was agreed to, and say how far it is; the vaults as they are then, and the world in
    which the plan is run. What could not be looked at before is."""
    import asyncio

    from liferaft.moves.former import require_none
    from liferaft.moves.preflight import require_whole

    told = 0.0

    def watch(vault: str, done: int, total: int) -> None:
        nonlocal told
        if done == total or time.monotonic() > told + TOLD_SECONDS:
            told = time.monotonic()
            click.echo(f"Vault {vault}: {done} of {total} objects are put back.", err=True)

    back.put_back(watch, take_over=take_over)
    click.secho("The vaults are as they were.", fg="green", err=True)
    there = replace(found, vault=back.now)
    world = opening.world_for(there, plan)
    asyncio.run(require_whole(world.site, plan, running=True, take_over=take_over))
    asyncio.run(require_none(world.site, plan))
    return there, world
