"""What a drill that was killed may have left: said first by whatever command comes next."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from liferaft.failures import Failure

if TYPE_CHECKING:
    from liferaft.vault import Vault


def tell_left(vault: "Vault") -> None:
    """Say on stderr which drills did not end. A vault that does not tell is no reason to stop."""
    from liferaft.journal import LeaseHeld, require_free
    from liferaft.moves.begun_drills import begun_drills, drills_of

    try:
        begun = begun_drills(vault)
        if begun:
            require_free(drills_of(vault))
    except LeaseHeld as held:
        click.echo(f"A {held.holder.what} is under way, by {held.holder.process.who}.", err=True)
        return
    except Failure:
        return
    for one in begun:
        click.secho(one.sentence(datetime.now(UTC)), fg="yellow", err=True)
