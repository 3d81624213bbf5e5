"""What was found is told on one page with the worst first, and to machines in one shape."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from liferaft.doctor import telling
from liferaft.doctor.check import Check, CheckSeverity, Diagnosis, Examined
from liferaft.doctor.patient import Patient

Called = Callable[..., Patient]
pytestmark = pytest.mark.usefixtures("east_reigns")


def examined(severity: CheckSeverity, *, is_answered: bool = True) -> Examined:
    check = Check("vault", "vault main", "Is it well?", "It matters.", tuple)
    said = Diagnosis(severity, "So it is.", "Mend it.", is_answered)
    return Examined.of(check, said)


def test_the_page_begins_with_a_sentence_and_ends_with_what_is_well(patient: Called) -> None:
    found = [examined(one) for one in reversed(CheckSeverity)]
    first, *rest = telling.page(patient(), found)
    assert first == (
        "A failover to north would not go well today: 1 critical, 1 to be warned of, "
        "1 not known, 1 worth knowing, 1 well."
    )
    assert rest[:3] == [
        "CRITICAL  vault main: So it is.",
        "          Why: It matters.",
        "          Now: Mend it.",
    ]
    assert rest[-1] == "OK        vault main: So it is."


def test_what_has_one_cause_is_read_once(patient: Called) -> None:
    one = examined(CheckSeverity.WARNING)
    other = replace(one, about="vault depot", why="It matters, too.")
    found = [one, other, replace(other, finding="Another thing.")]
    assert list(telling.page(patient(), found))[1:5] == [
        "WARNING   vault main, vault depot: So it is.",
        "          Why: It matters.",
        "          Why: It matters, too.",
        "          Now: Mend it.",
    ]
    assert len(telling.to_json(patient(), found)["checks"]) == 3, "machines are told each"


def test_an_outage_that_nobody_has_to_mend_stands_in_the_table_alone(patient: Called) -> None:
    facts = {"are_users_served": False, "copies": {"db": ["vault main"]}, "moves": {}}
    of_aws = replace(examined(CheckSeverity.NOTE), name="outage", about="aws", facts=facts)
    lines = list(telling.page(patient(), [of_aws]))
    assert len([one for one in lines if "aws" in one]) == 1
    assert lines[-1].split() == ["aws", "OUT", "vault", "main", "-"]
    loud = replace(of_aws, severity=CheckSeverity.CRITICAL)
    lines = list(telling.page(patient(), [loud]))
    assert lines[1] == "CRITICAL  aws: So it is."
    assert lines[-1].split()[0] == "aws"


@pytest.mark.parametrize(
    ("found", "severity", "said"),
    [
        ([], "ok", "Nothing was found that stands in the way of a failover to north today"),
        ([examined(CheckSeverity.NOTE)], "note", "Nothing was found"),
        ([examined(CheckSeverity.WARNING)], "warning", "would begin today, and something wants"),
        ([examined(CheckSeverity.UNKNOWN)], "ok", "Nothing was found"),
        ([examined(CheckSeverity.UNKNOWN, is_answered=False)], "warning", "would begin today"),
    ],
)
def test_who_gives_no_answer_wakes_a_watcher_and_what_nobody_can_be_asked_does_not(
    patient: Called, found: list[Examined], severity: str, said: str
) -> None:
    assert telling.severity_of(found) == severity
    assert said in telling.summary(patient(), found)


def test_a_site_that_is_gone_is_told_apart_from_what_would_stop_a_failover(
    patient: Called,
) -> None:
    of_vault = examined(CheckSeverity.CRITICAL)
    of_east = replace(of_vault, about="site east")
    said = telling.summary(patient(), [of_east])
    assert said.startswith("east is in trouble, and nothing was found that stops a failover to n")
    said = telling.summary(patient(), [of_east, of_vault])
    assert said.startswith("east is in trouble, and a failover to north would not go well today")


def test_machines_are_told_each_question_with_its_answer(patient: Called) -> None:
    told = json.loads(json.dumps(telling.to_json(patient(), [examined(CheckSeverity.WARNING)])))
    assert (told["app"], told["home"], told["standbys"]) == ("chirp", "east", ["north"])
    assert told["severity"] == "warning"
    assert told["checks"] == [
        {
            "name": "vault",
            "about": "vault main",
            "asks": "Is it well?",
            "severity": "warning",
            "finding": "So it is.",
            "why": "It matters.",
            "mend": "Mend it.",
            "is_answered": True,
            "facts": {},
        }
    ]
