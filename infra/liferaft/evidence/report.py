"""The report of a run: a projection of its journal, nothing more."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from liferaft.config import Config
from liferaft.failures import BadInput
from liferaft.journal import RunRecord, StepRecord, list_runs, read_run
from liferaft.moves.plan import critical_path
from liferaft.moves.session import BUILDERS
from liferaft.vault import Vault


@dataclass(frozen=True)
class Report:
    """What a run did.

    Attributes:
        seconds: from the beginning of the first step to the last event.
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
            "finished": self.run.finished,
            "seconds": self.seconds,
            "critical_path_seconds": round(self.path_seconds, 3),
            "critical_path": list(self.path),
            "recovered_until": self.recovered_until,
            "steps": [
                {
                    "name": step.name,
                    "state": step.state,
                    "start": self._offset(step, end=False),
                    "end": self._offset(step, end=True),
                    "facts": dict(step.facts),
                }
                for step in self.run.steps.values()
            ],
        }

    def _offset(self, step: StepRecord, *, end: bool) -> float | None:
        began = (step.began - self.run.began).total_seconds()
        if not end:
            return round(began, 3)
        return None if step.seconds is None else round(began + step.seconds, 3)

    def lines(self) -> Iterator[str]:
        """For a person: a bar a step, on one time scale."""
        state = "finished" if self.run.finished else "NOT FINISHED"
        yield f"{self.run.move} of {self.run.site}, {state} after {self.seconds:.1f} s"
        width, scale = 40, max(self.seconds, 0.001)
        for step in self.run.steps.values():
            began = (step.began - self.run.began).total_seconds()
            took = step.seconds or 0.0
            before = int(width * began / scale)
            bar = "█" * max(1, round(width * took / scale))
            mark = "*" if step.name in self.path else " "
            yield f"{mark} {step.name:<22} {' ' * before}{bar} {took:.1f} s {step.state}"
        yield f"* critical path: {self.path_seconds:.1f} s"


def report_of(config: Config, vault: Vault, run: str | None = None) -> Report:
    """The report of a run, or of the newest. Blocks. Raises BadInput when there is none."""
    runs = list_runs(vault)
    wanted = [name for name in runs if run is None or str(name) == run]
    if not wanted:
        raise BadInput(
            f"The vault holds no run {run}" if run else "The vault holds no run yet",
            do="See `liferaft status`.",
        )
    return projected(config, read_run(vault, wanted[0]))


def projected(config: Config, run: RunRecord) -> Report:
    """The report that a journal holds. Pure."""
    plan = BUILDERS[run.move](config, run.inputs)
    seconds = {name: step.seconds or 0.0 for name, step in run.steps.items()}
    length, path = critical_path(plan.steps, seconds)
    return Report(
        run=run,
        seconds=_seconds(run),
        path_seconds=length,
        path=tuple(name for name in path if seconds.get(name)),
        recovered_until=_recovered_until(run.steps),
    )


def _seconds(run: RunRecord) -> float:
    ends = [step.ended for step in run.steps.values() if step.ended]
    return round((max(ends) - run.began).total_seconds(), 3) if ends else 0.0


def _recovered_until(steps: Mapping[str, StepRecord]) -> float | None:
    promoted = steps.get("promote")
    moment = promoted.facts.get("recovered_until") if promoted else None
    return None if moment is None else float(moment)
