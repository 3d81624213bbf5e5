"""Playing the story: what comes of each step, whatever comes of the others."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.live.answers import Difference, Redaction
from benchmarks.live.budget import Budget, BudgetReached, DeadlineReached
from benchmarks.live.consent import Declined
from benchmarks.live.report import LiveReport, Outcome, Told
from benchmarks.live.story import LiveStep, Scene
from liferaft.failures import BadInput

WHY_NOT = {
    BudgetReached: Outcome.BUDGET,
    DeadlineReached: Outcome.DEADLINE,
    Declined: Outcome.NOT_TRIED,
    BadInput: Outcome.NOT_TRIED,
}


@dataclass
class Player:
    """`keep` is called after each step, when the report has it."""

    budget: Budget
    report: LiveReport
    redaction: Redaction
    say: Callable[[str], None]
    keep: Callable[[], None] = lambda: None

    def play(self, steps: Sequence[LiveStep], scene: Scene) -> None:
        """All of them in their order; those that cannot be tried are told as such."""
        done: set[str] = set()
        for step in steps:
            told = self._told(step, scene, done)
            if told.outcome is Outcome.AS_EXPECTED:
                done.add(step.name)
            self.say(f"{step.name}: {told.outcome}{f' ({told.reason})' if told.reason else ''}")
            self.report.steps.append(told)
            self.report.estimate = round(self.budget.estimate, 4)
            self.keep()

    def _told(self, step: LiveStep, scene: Scene, done: set[str]) -> Told:
        if step.kind and step.kind not in scene.cloud.kinds:
            done.add(step.name)  # what follows does without
            return self._row(step, Outcome.NOT_TRIED, reason="the cloud has none")
        if missing := [
            need for need in step.needs if need not in done and not _is_made(need, scene)
        ]:
            return self._row(step, Outcome.NOT_TRIED, reason=f"it needs {', '.join(missing)}")
        began = time.monotonic()
        outcome, reason = self._tried(step, scene)
        return self._row(step, outcome, seconds=time.monotonic() - began, reason=reason)

    def _tried(self, step: LiveStep, scene: Scene) -> tuple[Outcome, str]:
        try:
            self.budget.require_time(step.asked)
            step.act(scene)
        except tuple(WHY_NOT) as reason:
            outcome = next(told for kind, told in WHY_NOT.items() if isinstance(reason, kind))
            return outcome, self.redaction(reason.facts.happened)
        except Exception as error:  # noqa: BLE001 - whatever comes is what the report is for
            came = self.redaction.came(error)
            self.report.differed.append(Difference(step.name, step.asked, step.expected, came))
            return Outcome.DIFFERED, f"{came.error}: {came.message}"
        return Outcome.AS_EXPECTED, ""

    @staticmethod
    def _row(step: LiveStep, outcome: Outcome, *, seconds: float = 0.0, reason: str = "") -> Told:
        return Told(step.name, step.asked, step.expected, outcome, round(seconds, 1), reason)


def _is_made(need: str, scene: Scene) -> bool:
    """What is there may be used, whatever its listing said."""
    return need in scene.made
