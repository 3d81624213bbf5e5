"""`drill --surprise`: one vendor is missing, and a seed says which, once the drill is agreed to."""

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import click

from liferaft_cli import drill_clean, opening, screen
from liferaft_cli.drill_planned import AskedDrill, plan_drill

if TYPE_CHECKING:
    from liferaft.moves.drilling import PlannedDrill

SEEDS: Final = 1_000_000


def chosen_seed(seed: int | None) -> int:
    """The one that was given, or one by chance."""
    return secrets.randbelow(SEEDS) if seed is None else seed


def warn(found: opening.Opened, asked: AskedDrill, seed: int) -> None:
    """Whoever agrees knows the seed, and among whom it picks."""
    from liferaft.moves.missing import surprises

    names = ", ".join(surprises(found.config, asked.standby))
    click.secho(
        f"Once you agree, the seed {seed} picks a vendor that is missing from then on, of {names}. "
        f"The plan may lose steps or change their order by it. `--seed {seed}` repeats it.",
        fg="yellow",
        err=True,
    )


def pick(
    found: opening.Opened, asked: AskedDrill, seed: int, usual: "PlannedDrill"
) -> "PlannedDrill":
    """The same drill without one vendor, planned anew. Raises DrillFailed where it could not even
    begin."""
    from liferaft.moves.missing import picked

    drill_clean.forget_state(usual.world.site)
    name = picked(found.config, asked.standby, seed)
    click.secho(f"Missing is: {name} (seed {seed}).", bold=True, err=True)
    planned, notes = plan_drill(found, replace(asked, without=(name,), seed=seed))
    screen.show_notes(notes)
    return planned
