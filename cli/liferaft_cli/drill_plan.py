"""`drill --plan`: all that is asked before a drill, and its plan; nothing is made."""

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from liferaft.failures import Failure
from liferaft_cli import doctor, drill_clean, exits, opening, screen
from liferaft_cli.drill_planned import AskedDrill, plan_drill

if TYPE_CHECKING:
    from liferaft.moves.drilling import PlannedDrill
    from liferaft.moves.time_back import TimeBack


def show(
    found: opening.Opened,
    asked: AskedDrill,
    *,
    as_json: bool,
) -> int:
    """Ask what the doctor asks, and plan a drill of the site, or of each standby where none is
    named; the exit code is the doctor's, and CRITICAL where a drill could not be planned."""
    from liferaft.doctor.telling import to_json

    patient, examined = doctor.ask(found, asked.standby or None)
    if not as_json:
        doctor.tell(patient, examined)
    standbys = (asked.standby,) if asked.standby else patient.standbys
    drills = [_drill(found, replace(asked, standby=one), as_json=as_json) for one in standbys]
    if as_json:
        click.echo(json.dumps({**to_json(patient, examined), "drills": drills}, indent=2))
    troubled = [exits.CRITICAL for one in drills if one["trouble"]]
    return max((doctor.code_of(examined), *troubled))


def _drill(found: opening.Opened, asked: AskedDrill, *, as_json: bool) -> dict[str, Any]:
    """As machines are told it; shown besides, unless it is asked for by one."""
    from liferaft.moves.restore_times import time_back_of
    from liferaft.moves.time_back import sentences

    try:
        planned, notes = plan_drill(found, asked)
    except Failure as failure:
        if not as_json:
            click.secho(f"No drill of {asked.standby}: {failure}", fg="red", err=True)
            click.echo(f"     {failure.facts.do}", err=True)
        return {"site": asked.standby, "trouble": failure.facts.happened}
    site = planned.world.site
    try:
        back = time_back_of(site.config, found.vault, planned.plan)
        if not as_json:
            screen.show_plan(planned.shown)
            screen.show_times(tuple(sentences(back)) if back else ())
            screen.show_notes(notes)
    finally:
        drill_clean.forget_state(site)
    return _to_json(planned, asked, notes, back)


def _to_json(
    planned: "PlannedDrill", asked: AskedDrill, notes: tuple[str, ...], back: "TimeBack | None"
) -> dict[str, Any]:
    return {
        "site": asked.standby,
        "without": list(asked.without),
        "point": planned.inputs.point,
        "steps": [
            {
                "name": step.name,
                "sentence": step.sentence,
                "needs": list(step.needs),
                "deadline": step.deadline,
            }
            for step in planned.shown.order()
        ],
        "hourly": planned.cost and planned.cost.hourly,
        "currency": planned.cost and planned.cost.currency,
        "hours": planned.world.site.ends_after,
        "back": back and back.to_json(),
        "notes": list(notes),
        "trouble": None,
    }
