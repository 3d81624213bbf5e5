"""Reads a run back: what its events say, step by step.

What is past must never stop what has to be done now: only who asks for the account of one run gets
an error where its events are damaged or missing. Everybody else gets what is left of it.
"""

import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from liferaft.failures import Failure
from liferaft.journal.clock import moment
from liferaft.journal.event import RUN_FINISHED, RUN_STARTED, Event
from liferaft.journal.reading import read_each
from liferaft.journal.run import RunName
from liferaft.vault import PUT_BACK, Damaged, KeyMissing, Vault, layout

_log = logging.getLogger(__name__)
_ENDS = {"step-done": "done", "step-held": "held", "step-failed": "failed"}


class JournalBroken(Failure):
    """The events of a run are not whole."""


@dataclass(frozen=True)
class StepRecord:
    """The last attempt at a step.

    Attributes:
        state: `started` (no end is known), `done`, `held` (its goal held already) or `failed`.
        began, ended: UTC; ended is None while started.
        seconds: by the monotonic clock; None while started.
        facts: what the step reported at its end.
    """

    name: str
    state: str
    began: datetime
    ended: datetime | None
    seconds: float | None
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class RunRecord:
    """A run as its journal tells it.

    Attributes:
        events: all that could be read, in order.
        faults: what could not: events that are damaged, and gaps between them.
        highest: the number of the last event that is there, whether or not it could be read.
    """

    name: RunName
    events: tuple[Event, ...]
    faults: tuple[Failure, ...] = ()
    highest: int = 0

    @property
    def has_beginning(self) -> bool:
        """Its first event could be read: without it nothing is known of what the run was for."""
        return bool(self.events) and self.events[0].kind == RUN_STARTED

    @property
    def move(self) -> str:
        return str(self.events[0].facts["move"])

    @property
    def site(self) -> str:
        return str(self.events[0].facts["site"])

    @property
    def inputs(self) -> Mapping[str, Any]:
        """What the plan was built from; a resume builds it from these again."""
        inputs: Mapping[str, Any] = self.events[0].facts["inputs"]
        return inputs

    @property
    def digest(self) -> str:
        """The digest of the plan that was agreed to."""
        return str(self.events[0].facts["digest"])

    @property
    def began(self) -> datetime:
        return moment(self.events[0].at)

    @property
    def is_finished(self) -> bool:
        """It reached its goal, and is not to be resumed."""
        return any(event.kind == RUN_FINISHED for event in self.events)

    @property
    def steps(self) -> Mapping[str, StepRecord]:
        """Every step that was begun, by name, in the order of first beginnings."""
        return _steps(self.events)


def _steps(events: Iterable[Event]) -> Mapping[str, StepRecord]:
    steps: dict[str, StepRecord] = {}
    begun: dict[str, Event] = {}
    for event in events:
        facts = dict(event.facts)
        name = facts.pop("step", "")
        if event.kind == "step-started":
            begun[name] = event
            steps[name] = StepRecord(name, "started", moment(event.at), None, None, {})
        elif event.kind in _ENDS and name in begun:
            start = begun[name]
            steps[name] = StepRecord(
                name,
                _ENDS[event.kind],
                moment(start.at),
                moment(event.at),
                _seconds(start, event),
                facts,
            )
    return steps


def _seconds(start: Event, end: Event) -> float:
    if start.session == end.session:
        return round(end.offset - start.offset, 3)
    return (moment(end.at) - moment(start.at)).total_seconds()


def read_run(vault: Vault, name: RunName) -> RunRecord:
    """A run from a vault, whole.

    Raises Damaged for an event that is, JournalBroken if the run has no beginning there or events
    are missing in between.
    """
    run = what_is_left(vault, name)
    if run.faults:
        raise run.faults[0]
    return run


def what_is_left(vault: Vault, name: RunName) -> RunRecord:
    """A run from a vault, as much of it as can be read."""
    events: list[Event] = []
    faults: list[Failure] = []
    found = sorted(seq for key in vault.list(name.folder) if (seq := name.seq(key)) is not None)
    for read in read_each(vault, [name.key(seq) for seq in found]):
        if isinstance(read, KeyMissing):
            raise read
        if isinstance(read, Damaged):
            faults.append(read)
        else:
            events.append(Event.from_json(read))
    if not found or found != list(range(1, len(found) + 1)):
        faults.append(_gap(vault, name, found))
    return RunRecord(name, tuple(events), tuple(faults), found[-1] if found else 0)


def _gap(vault: Vault, name: RunName, found: Iterable[int]) -> JournalBroken:
    return JournalBroken(
        f"The journal of run {name} in vault {vault.name} is not whole",
        safe="Nothing was done with it.",
        do="Use a vault that holds all of it.",
        details={"events": " ".join(map(str, found))},
    )


def list_runs(vault: Vault, among: str = layout.RUNS) -> tuple[RunName, ...]:
    """All runs in a vault, the newest first. among: `layout.DRILL_RUNS` for those of drills."""
    folders = {layout.run_name(key, among) for key in vault.list(among)}
    names = (
        RunName.parse(folder, among) for folder in folders if folder and RunName.is_one(folder)
    )
    return tuple(sorted(names, reverse=True))


def last_run(
    vault: Vault, *, move: str, site: str, needed: Collection[str] = ()
) -> RunRecord | None:
    """The newest run of a move towards a site; None if there was none.

    A run whose beginning cannot be read is passed over, and told: whatever it was, the same command
    begins anew and looks at the world before each step. Unless it is open and its name is among
    `needed`: then this raises Damaged or JournalBroken.
    """
    names = list_runs(vault)
    beginnings = read_each(vault, [name.key(1) for name in names])
    for name, read in zip(names, beginnings, strict=True):
        if isinstance(read, Damaged | KeyMissing):
            _pass_over(what_is_left(vault, name), needed)
            continue
        beginning = Event.from_json(read)
        if (beginning.facts.get("move"), beginning.facts.get("site")) == (move, site):
            return what_is_left(vault, name)
    return None


def _pass_over(run: RunRecord, needed: Collection[str]) -> None:
    fault = run.faults[0]
    if run.is_finished or str(run.name) not in needed:
        _log.warning("Passed over run %s: %s", run.name, fault)
        return
    if isinstance(fault, Damaged):
        raise fault.mended_by(
            f"{PUT_BACK} What that run was planned from stands in it alone; the machine that began "
            "it has a copy, without the first line, in the folder `runs` of its state.",
            safe="Nothing was done: the run that began this reign can only be finished as planned.",
        )
    raise fault


def find_unfinished(
    vault: Vault, *, move: str, site: str, needed: Collection[str] = ()
) -> RunRecord | None:
    """The run to resume: the newest of this move and site, if it is still open.

    Older ones are not looked at: a newer run of the same move has superseded them. `needed` as for
    `last_run`.
    """
    last = last_run(vault, move=move, site=site, needed=needed)
    return None if last is None or last.is_finished else last
