"""The report of a run: a projection of its journal, nothing more."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from liferaft.failures import BadInput
from liferaft.journal import Event, RunRecord, StepRecord, list_runs, read_run
from liferaft.plan.path import critical_path
from liferaft.vault import Vault

BAR = 40
"""Characters that the whole run takes on the screen."""


@dataclass(frozen=True)
class Report:
    """What a run did.

    Attributes:
        seconds: from the run's beginning to the end of its last step; pauses between a failure and
            the command that went on are in it.
        path: the steps of the critical path, in order; `path_seconds` is its length.
        recovered_until: Unix seconds of the last heartbeat of the old primary that the new one
            holds; None for runs that restored nothing.
    """

    run: RunRecord
    seconds: float
    path_seconds: float
    path: tuple[str, ...]
    recovered_until: float | None

    def as_json(self) -> dict[str, Any]:
        """Plain values; `steps` in the order in which they began."""
        return {
            "run": str(self.run.name),
            "move": self.run.move,
            "site": self.run.site,
            "finished": self.run.is_finished,
            "seconds": self.seconds,
            "critical_path_seconds": round(self.path_seconds, 3),
            "critical_path": list(self.path),
            "recovered_until": self.recovered_until,
            "steps": [
                {
                    "name": step.name,
                    "state": step.state,
                    "start": self._start(step),
                    "end": self._end(step),
                    "facts": dict(step.facts),
                }
                for step in self.run.steps.values()
            ],
        }

    def lines(self) -> Iterator[str]:
        """For a person: a bar a step, on one time scale."""
        state = "finished" if self.run.is_finished else "NOT FINISHED"
        yield f"{self.run.move} of {self.run.site}, {state} after {self.seconds:.1f} s"
        for step in self.run.steps.values():
            mark = "*" if step.name in self.path else " "
            took = "no end is known" if step.seconds is None else f"{step.seconds:.1f} s"
            yield f"{mark} {step.name:<22} {self._bar(step)} {took} {step.state}"
        yield f"* critical path: {self.path_seconds:.1f} s"
        if self.recovered_until is not None:
            moment = datetime.fromtimestamp(self.recovered_until, UTC).isoformat(timespec="seconds")
            yield f"recovered until {moment}: what was committed later did not reach the vault"

    def _bar(self, step: StepRecord) -> str:
        scale = BAR / max(self.seconds, 0.001)
        before = round(scale * self._start(step))
        return " " * before + "█" * max(1, round(scale * (step.seconds or 0.0)))

    def _start(self, step: StepRecord) -> float:
        """Seconds since the run began."""
        return round((step.began - self.run.began).total_seconds(), 3)

    def _end(self, step: StepRecord) -> float | None:
        return None if step.seconds is None else round(self._start(step) + step.seconds, 3)


def report_of(vault: Vault, run: str | None = None) -> Report:
    """The report of a run, or of the newest that a command was given for: a snapshot that follows
    a move by itself does not hide the move. Blocks. Raises BadInput when there is none."""
    names = list_runs(vault)
    for name in names:
        if run in {None, str(name)}:
            record = read_run(vault, name)
            if run is not None or record.inputs.get("follows") is None:
                return projected(record)
    raise BadInput(
        f"The vault holds no run {run}" if run is not None else "The vault holds no run yet",
        safe="Nothing was changed: a report only reads.",
        do=f"Without a name it is of the newest move; the newest run is {names[0]}."
        if names
        else "The first run is that of `liferaft deploy`.",
    )


def projected(run: RunRecord) -> Report:
    """The report that a journal holds. Pure."""
    seconds = {name: step.seconds or 0.0 for name, step in run.steps.items()}
    length, path = critical_path(_graph(run), seconds)
    return Report(
        run=run,
        seconds=_seconds(run),
        path_seconds=length,
        path=tuple(name for name in path if seconds[name]),
        recovered_until=_recovered_until(run.events),
    )


@dataclass(frozen=True)
class _Node:
    name: str
    needs: tuple[str, ...]


def _graph(run: RunRecord) -> tuple[_Node, ...]:
    """The steps that were begun, with what each waited for. Whatever it needs was begun before."""
    needs = {
        event.facts["step"]: tuple(event.facts["needs"])
        for event in run.events
        if event.kind == "step-started"
    }
    return tuple(_Node(name, needed) for name, needed in needs.items())


def _seconds(run: RunRecord) -> float:
    ends = [step.ended for step in run.steps.values() if step.ended]
    return round((max(ends) - run.began).total_seconds(), 3) if ends else 0.0


def _recovered_until(events: Sequence[Event]) -> float | None:
    """By whichever session promoted: one that went on later only saw that it holds."""
    said = [event.facts.get("recovered_until") for event in events]
    return next((float(moment) for moment in reversed(said) if moment is not None), None)
