"""Questions are asked side by side: none hides another, none holds the others up."""

import threading
import time
from collections.abc import Callable

import pytest

from liferaft.doctor.asking import examine
from liferaft.doctor.check import Answers, Check, CheckSeverity, Diagnosis
from liferaft.failures import VendorFailure

WELL = (Diagnosis(CheckSeverity.OK, "It answers."),)


def check(
    ask: Callable[[], Answers],
    seconds: float = 5,
    silence: CheckSeverity = CheckSeverity.UNKNOWN,
) -> Check:
    return Check("name", "vault main", "Is it well?", "It matters.", ask, seconds, silence)


def refuse() -> Answers:
    raise VendorFailure("The vault said no", do="Ask its vendor.")


def hang() -> Answers:
    time.sleep(30)
    return WELL


def test_one_that_fails_hides_no_other_and_is_told_as_not_known() -> None:
    first, second = examine([check(lambda: WELL), check(refuse)])
    assert (first.severity, first.finding) == ("unknown", "NOT KNOWN: The vault said no.")
    assert (first.mend, first.is_answered) == ("Ask its vendor.", False)
    assert (second.severity, second.is_answered) == ("ok", True)


def test_one_that_never_answers_ends_with_its_own_deadline_alone() -> None:
    began = time.monotonic()
    hung, well = examine([check(hang, 0.2), check(lambda: WELL)])
    assert time.monotonic() - began < 10
    assert hung.finding == "NOT KNOWN: there was no answer within 0 s."
    assert not hung.is_answered
    assert well.severity == "ok"


def test_silence_is_as_bad_as_the_question_says() -> None:
    (hung,) = examine([check(hang, 0.1, CheckSeverity.CRITICAL)])
    assert hung.severity == "critical"


@pytest.mark.parametrize("error", [TimeoutError, ValueError])
def test_a_defect_is_told_without_its_text_which_may_hold_a_secret(
    error: type[Exception],
) -> None:
    def stumble() -> Answers:
        raise error("the token is geheim")

    (found,) = examine([check(stumble)])
    assert found.severity == "unknown"
    assert error.__name__ in found.finding
    assert "geheim" not in str(found)


def test_all_are_asked_at_once_and_the_worst_is_told_first() -> None:
    together = threading.Barrier(3, timeout=10)

    def meet(severity: CheckSeverity) -> Callable[[], Answers]:
        def ask() -> Answers:
            together.wait()
            return (Diagnosis(severity, "Said."),)

        return ask

    order = (CheckSeverity.NOTE, CheckSeverity.CRITICAL, CheckSeverity.WARNING)
    found = examine([check(meet(one)) for one in order])
    assert [one.severity for one in found] == ["critical", "warning", "note"]
