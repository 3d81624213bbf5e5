"""What the doctor found, for a person on one page, and for machines. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from liferaft.doctor.check import CheckSeverity, Examined
from liferaft.doctor.patient import Patient

_WORDS: Final = {
    CheckSeverity.CRITICAL: "critical",
    CheckSeverity.WARNING: "to be warned of",
    CheckSeverity.UNKNOWN: "not known",
    CheckSeverity.NOTE: "worth knowing",
    CheckSeverity.OK: "well",
}


def severity_of(found: Sequence[Examined]) -> CheckSeverity:
    """Of all of it, for whoever goes by an exit code: who gave no answer is a warning, and what
    nobody can be asked here is none."""
    told = [
        CheckSeverity.WARNING if one.severity is CheckSeverity.UNKNOWN else one.severity
        for one in found
        if one.severity is not CheckSeverity.UNKNOWN or not one.is_answered
    ]
    return max(told, key=lambda one: one.rank, default=CheckSeverity.OK)


def summary(patient: Patient, found: Sequence[Examined]) -> str:
    """The sentence to read first."""
    counted = Counter(one.severity for one in found)
    rows = ", ".join(f"{counted[one]} {word}" for one, word in _WORDS.items() if counted[one])
    worst = severity_of(found)
    whither = f"to {' or '.join(patient.standbys)}" if patient.standbys else "to another site"
    if worst is CheckSeverity.CRITICAL:
        verdict = f"A failover {whither} is in danger today, or users are"
    elif worst is CheckSeverity.WARNING:
        verdict = f"A failover {whither} would begin today, and something wants mending"
    else:
        verdict = f"Nothing was found that stands in the way of a failover {whither} today"
    return f"{verdict}: {rows}."


def page(patient: Patient, found: Sequence[Examined]) -> Iterator[str]:
    """Lines: the sentence, then what was found, the worst first. What is well takes one each."""
    yield summary(patient, found)
    for one in found:
        yield f"{one.severity.value.upper():<9} {one.about}: {one.finding}"
        if one.severity in (CheckSeverity.CRITICAL, CheckSeverity.WARNING):
            yield f"          Why: {one.why}"
        if one.mend and one.severity is not CheckSeverity.OK:
            yield f"          Now: {one.mend}"


def to_json(patient: Patient, found: Sequence[Examined]) -> dict[str, Any]:
    """The shape that docs/doctor.md describes."""
    return {
        "app": patient.config.app.name,
        "at": patient.now.isoformat(timespec="seconds"),
        "site": patient.asked_for,
        "home": patient.home,
        "standbys": list(patient.standbys),
        "severity": severity_of(found).value,
        "summary": summary(patient, found),
        "checks": [one.to_json() for one in found],
    }
