"""RTO and RPO of a run, as its journal has measured them, beside their targets. Pure."""

from typing import Final

from liferaft.evidence.document import Objective
from liferaft.evidence.sessions import facts_of, first_through, is_of_data, said_first
from liferaft.evidence.words import day_and_time, duration
from liferaft.journal import RunRecord

RECOVERIES: Final = frozenset({"failover", "evacuate", "failback", "drill"})
"""Moves that bring the application back somewhere."""
PROOF: Final = "prove"
"""The step that asks the application from outside, as a user does."""
DRILL: Final = "drill"


def recovered_until(run: RunRecord) -> float | None:
    """Unix seconds of the last moment of the old site that the new one holds.

    By whichever session promoted: one that went on later only saw that it holds.
    """
    said = [moment for _, moment in facts_of(run, "recovered_until") if moment is not None]
    return float(said[-1]) if said else None


def recovery_time(run: RunRecord) -> Objective | None:
    """None for a move that brings nothing back."""
    if run.move not in RECOVERIES:
        return None
    seconds = _noted(run, "rto_seconds") or first_through(run, PROOF)
    if seconds is None:
        said = "The application has given no good answer in this run: there is no time to measure."
    elif is_of_data(run):
        said = f"{duration(seconds)} from the beginning of the run until the data took writes."
        return Objective(seconds=seconds, target=None, sentence=said)
    else:
        said = (
            f"{duration(seconds)} from the beginning of the run, when its plan had been agreed to, "
            "to the first good answer that liferaft got from the application by its public name "
            "at the new address. What passes before somebody gives the command is not in it."
        )
    return _against(run, "rto", seconds, said)


def data_lost(run: RunRecord) -> Objective | None:
    """None for a move that brings nothing back."""
    if run.move not in RECOVERIES:
        return None
    until, noted = recovered_until(run), _noted(run, "rpo_seconds")
    if run.inputs.get("at") is not None:
        said = (
            f"Data was brought back as of {run.inputs['at']} UTC, as was asked for: what it had "
            "lost without that is not measured."
        )
        return Objective(seconds=None, target=_target(run, "rpo"), sentence=said)
    if noted is not None:
        said = (
            f"{duration(noted)} from the last moment of the database that came back to the moment "
            "at which the end of its archive was looked for, while the site that reigns wrote on."
        )
        return _against(run, "rpo", noted, said)
    if until is None:
        said = "No database was promoted in this run: until when data came back is not known."
        return _against(run, "rpo", None, said)
    seconds = round(max(0.0, run.began.timestamp() - until), 3)
    said = (
        f"{duration(seconds)} from the last beat of the old database that came back "
        f"({day_and_time(until)}, by its own clock) to the beginning of the run. The journal does "
        "not know when the old site stopped: if it had stopped before, less is missing; what it "
        "took after, is missing as well."
    )
    return _against(run, "rpo", seconds, said)


def _noted(run: RunRecord, name: str) -> float | None:
    """What the run has measured itself."""
    found = [value for _, value in facts_of(run, name) if isinstance(value, int | float)]
    return float(found[-1]) if found else None


def _against(run: RunRecord, name: str, seconds: float | None, sentence: str) -> Objective:
    target = _target(run, name)
    met = None if target is None or seconds is None else seconds <= target
    return Objective(seconds=seconds, target=target, met=met, sentence=sentence)


def _target(run: RunRecord, name: str) -> float | None:
    """As it was when the run began."""
    targets = said_first(run, "targets")
    found = targets.get(name) if isinstance(targets, dict) else None
    return float(found) if isinstance(found, int | float) else None
