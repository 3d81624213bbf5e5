"""Reads a run back: what its events say, step by step."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from liferaft.failures import Failure
from liferaft.journal.clock import moment
from liferaft.journal.event import RUN_ABORTED, RUN_FINISHED, RUN_STARTED, Event
from liferaft.journal.run import RUNS, RunName
from liferaft.vault import Vault

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
    """A run as its journal tells it. `events` are all of them, in order, the first a beginning."""

    name: RunName
    events: tuple[Event, ...]

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
    def finished(self) -> bool:
        """It reached its goal."""
        return any(event.kind == RUN_FINISHED for event in self.events)

    @property
    def closed(self) -> bool:
        """It is not to be resumed: finished or aborted."""
        return any(event.kind in {RUN_FINISHED, RUN_ABORTED} for event in self.events)

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
    """A run from a vault.

    Raises JournalBroken if it has no beginning there or events are missing in between.
    """
    events = tuple(Event.from_json(vault.get(key)) for key in vault.list(name.folder))
    whole = [event.seq for event in events] == list(range(1, len(events) + 1))
    if not whole or not events or events[0].kind != RUN_STARTED:
        raise JournalBroken(
            f"The journal of run {name} in vault {vault.name} is not whole",
            do="Use a vault that holds all of it.",
            details={"events": " ".join(str(event.seq) for event in events)},
        )
    return RunRecord(name, events)


def list_runs(vault: Vault) -> tuple[RunName, ...]:
    """All runs in a vault, the newest first."""
    names = {key.split("/")[1] for key in vault.list(RUNS)}
    return tuple(sorted((RunName.parse(name) for name in names), reverse=True))


def last_run(vault: Vault, *, move: str, site: str) -> RunRecord | None:
    """The newest run of a move towards a site; None if there was none."""
    for name in list_runs(vault):
        beginning = Event.from_json(vault.get(name.key(1)))
        if (beginning.facts["move"], beginning.facts["site"]) == (move, site):
            return read_run(vault, name)
    return None


def find_unfinished(vault: Vault, *, move: str, site: str) -> RunRecord | None:
    """The run to resume: the newest of this move and site, if it is still open.

    Older ones are not looked at: a newer run of the same move has superseded them.
    """
    last = last_run(vault, move=move, site=site)
    return None if last is None or last.closed else last
