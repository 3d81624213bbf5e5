"""All questions at once, each with its own deadline: one that hangs or fails hides no other.

Each has a daemon thread of its own, not an executor's: whoever does not answer must not keep the
process from ending.
"""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future

from liferaft.doctor.check import Answers, Check, CheckSeverity, Diagnosis, Examined
from liferaft.failures import Failure


def examine(checks: Sequence[Check]) -> tuple[Examined, ...]:
    """What came of all of them, the worst first, else in their order. Blocks for as long as the
    longest deadline at most."""
    asked = [_Asked(check) for check in checks]
    rows = [Examined.of(one.check, said) for one in asked for said in one.answers()]
    return tuple(sorted(rows, key=lambda row: -row.severity.rank))


class _Asked:
    """A question that is under way."""

    def __init__(self, check: Check) -> None:
        self.check = check
        self._answer: Future[Answers] = Future()
        self._end = time.monotonic() + check.seconds
        threading.Thread(target=self._work, name=f"doctor {check.name}", daemon=True).start()

    def answers(self) -> Answers:
        """At its deadline at the latest; what failed is told, not raised."""
        try:
            return self._answer.result(max(0.0, self._end - time.monotonic()))
        except Failure as failure:
            facts = failure.facts
            return (_no_answer(CheckSeverity.UNKNOWN, facts.happened, facts.do),)
        except TimeoutError as late:
            if self._answer.done():  # the question's own, or it came at the last moment
                own = self._answer.exception() is late
                return (_defect(late),) if own else self.answers()
            said = f"there was no answer within {self.check.seconds:.0f} s"
            return (_no_answer(self.check.silence, said, "Ask again; see whether it is there."),)
        except Exception as defect:  # noqa: BLE001 - a defect of one question hides no other
            return (_defect(defect),)

    def _work(self) -> None:
        try:
            self._answer.set_result(self.check.ask())
        except BaseException as failure:  # noqa: BLE001 - raised again by who waits for it
            self._answer.set_exception(failure)


def _no_answer(severity: CheckSeverity, said: str, do: str) -> Diagnosis:
    return Diagnosis(severity, f"NOT KNOWN: {said.rstrip('.')}.", do, is_answered=False)


def _defect(error: Exception) -> Diagnosis:
    """Its text may hold anything, so that only its type is told."""
    said = f"this question has a defect ({type(error).__name__})"
    return _no_answer(CheckSeverity.UNKNOWN, said, "Report it, with the name of the question.")
