"""The vaults are put back to a moment, before a failover takes what is there."""

import time
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from liferaft.moves.vaults_as_of import VaultsAsOf

TOLD_SECONDS = 2.0


def put_back(back: "VaultsAsOf") -> None:
    """Do what was agreed to, and say how far it is."""
    told = 0.0

    def watch(vault: str, done: int, total: int) -> None:
        nonlocal told
        if done == total or time.monotonic() > told + TOLD_SECONDS:
            told = time.monotonic()
            click.echo(f"Vault {vault}: {done} of {total} objects are put back.", err=True)

    back.put_back(watch)
    click.secho("The vaults are as they were.", fg="green", err=True)
