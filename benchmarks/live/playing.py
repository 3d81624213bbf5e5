"""Playing the story: what comes of each step, whatever comes of the others."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

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
            self.tell(told)

    def tell(self, told: Told) -> None:
        """To a person, and in the report."""
        self.say(f"{told.name}: {told.outcome}{f' ({told.reason})' if told.reason else ''}")
        self.report.steps.append(told)
        self.report.estimate = round(self.budget.estimate, 4)
        self.keep()

    def answer(self, told: Told, error: BaseException) -> Told:
        """The same step after it ended in an error, which the report gets if it is an answer."""
        for kind, outcome in WHY_NOT.items():
            if isinstance(error, kind):
                return replace(told, outcome=outcome, reason=self.redaction(str(error)))
        came = self.redaction.came(error)
        self.report.differed.append(Difference(told.name, told.asked, told.expected, came))
        return replace(told, outcome=Outcome.DIFFERED, reason=f"{came.error}: {came.message}")

    def _told(self, step: LiveStep, scene: Scene, done: set[str]) -> Told:
        if step.kind and step.kind not in scene.cloud.kinds:
            done.add(step.name)  # what follows does without
            return self._row(step, Outcome.NOT_TRIED, reason="the cloud has none")
        if missing := [
            need for need in step.needs if need not in done and not _is_made(need, scene)
        ]:
            return self._row(step, Outcome.NOT_TRIED, reason=f"it needs {', '.join(missing)}")
        began = time.monotonic()
        told = self._row(step, Outcome.AS_EXPECTED)
        try:
            self.budget.require_time(step.asked)
            step.act(scene)
        except Exception as error:  # noqa: BLE001 - whatever comes is what the report is for
            told = self.answer(told, error)
        return replace(told, seconds=round(time.monotonic() - began, 1))

    @staticmethod
    def _row(step: LiveStep, outcome: Outcome, *, reason: str = "") -> Told:
        return Told(step.name, step.asked, step.expected, outcome, reason=reason)


def _is_made(need: str, scene: Scene) -> bool:
    """What is there may be used, whatever its listing said."""
    return need in scene.made
