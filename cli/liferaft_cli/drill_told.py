"""What a person is told of a drill at its end, and the exit code that scripts go by."""

from typing import TYPE_CHECKING

import click

from liferaft.failures import Failure, Held, Unproven

if TYPE_CHECKING:
    from collections.abc import Sequence

    from liferaft.moves.drill_verdict import DrillVerdict


def tell(verdict: "DrillVerdict") -> None:
    """Raises DrillFailed where it would not have worked."""
    if verdict.left is not None:
        click.secho(
            f"SOMETHING OF THIS DRILL MAY BE LEFT: {verdict.left.facts.happened}. "
            "Now: liferaft drill --clean",
            fg="red",
            bold=True,
            err=True,
        )
    if verdict.spent is not None:
        click.echo(verdict.spent.sentence, err=True)
    for sentence in verdict.hidden:
        click.secho(f"HIDDEN DEPENDENCY: {sentence}.", fg="yellow", err=True)
    if verdict.failure is not None:
        raise _gave_way(verdict) if verdict.has_given_way else _failed(verdict, verdict.failure)
    if verdict.missed:
        raise DrillFailed(
            f"{verdict.tried} would have worked, and not as [targets] asks for: "
            f"{'; '.join(verdict.missed)}",
            safe=_untouched(verdict),
            do=f"`liferaft report show {verdict.run}` tells which steps took how long.",
            details={"run": verdict.run},
        )
    rpo = verdict.rpo
    lost = "" if rpo is None else f", and what was written in the last {rpo:.1f} s was lost"
    click.secho(
        f"{verdict.well}{lost}. Run {verdict.run}.",
        fg="green",
        err=True,
    )


class DrillFailed(Unproven):
    """A failover would not have worked as the drill played it."""


def _failed(verdict: "DrillVerdict", failure: Failure) -> DrillFailed:
    facts = failure.facts
    return DrillFailed(
        f"{verdict.tried} would not have worked: {facts.happened}",
        safe=_untouched(verdict),
        do=f"{facts.do} Then run the drill again.",
        details={**facts.details, "run": verdict.run},
    )


def could_not_begin(standby: str, without: "Sequence[str]", failure: Failure) -> DrillFailed:
    """Of a drill for which what a failover begins from is of no use, or missing with vendors."""
    facts = failure.facts
    missing = f" without {' and '.join(without)}" if without else ""
    return DrillFailed(
        f"A failover to {standby}{missing} would not have worked, nor even begun: {facts.happened}",
        safe="Nothing was made. The application was not touched.",
        do=facts.do,
        details=facts.details,
    )


def _gave_way(verdict: "DrillVerdict") -> Held:
    cause = verdict.failure.__cause__ if verdict.failure else None
    assert isinstance(cause, Held)
    return Held(
        cause.facts.happened,
        safe=_untouched(verdict),
        do=cause.facts.do,
        details={"run": verdict.run},
    )


def _untouched(verdict: "DrillVerdict") -> str:
    gone = "" if verdict.left else " Everything that the drill made is deleted."
    return f"The application was not touched.{gone}"
