"""What the doctor found, for a person on one page, and for machines. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from liferaft.doctor.check import CheckSeverity, Examined
from liferaft.doctor.outage_table import is_outage, table
from liferaft.doctor.patient import Patient

_WORDS: Final = {
    CheckSeverity.CRITICAL: "critical",
    CheckSeverity.WARNING: "to be warned of",
    CheckSeverity.UNKNOWN: "not known",
    CheckSeverity.NOTE: "worth knowing",
    CheckSeverity.OK: "well",
}
_LOUD: Final = frozenset({CheckSeverity.CRITICAL, CheckSeverity.WARNING})


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
    whither = f"to {' or '.join(patient.standbys)}" if patient.standbys else "to another site"
    return f"{_verdict(patient, found, whither)}: {rows}."


def _verdict(patient: Patient, found: Sequence[Examined], whither: str) -> str:
    """That a site is gone is what a failover is for: it is told apart from what would stop one."""
    critical = [one for one in found if one.severity is CheckSeverity.CRITICAL]
    here = [one for one in critical if patient.home and one.about == f"site {patient.home}"]
    if len(here) < len(critical):
        both = f"{patient.home} is in trouble, and a" if here else "A"
        return f"{both} failover {whither} would not go well today"
    if here:
        return (
            f"{patient.home} is in trouble, and nothing was found that stops a failover {whither}"
        )
    if severity_of(found) is CheckSeverity.WARNING:
        return f"A failover {whither} would begin today, and something wants mending"
    return f"Nothing was found that stands in the way of a failover {whither} today"


def page(patient: Patient, found: Sequence[Examined]) -> Iterator[str]:
    """Lines: the sentence, then what was found, the worst first. What is well takes one each. What
    an outage breaks and nobody has to mend stands in the table alone."""
    yield summary(patient, found)
    for rows in _together(found):
        one = rows[0]
        about = ", ".join(dict.fromkeys(row.about for row in rows))
        yield f"{one.severity.value.upper():<9} {about}: {one.finding}"
        if one.severity in _LOUD:
            yield from (f"          Why: {why}" for why in dict.fromkeys(row.why for row in rows))
        if one.mend and one.severity is not CheckSeverity.OK:
            yield f"          Now: {one.mend}"
    yield from table(found)


def _together(found: Sequence[Examined]) -> Sequence[Sequence[Examined]]:
    """What has one cause is read once: a variable that lacks keeps many questions from an answer.
    An outage that nobody has to mend has its line in the table."""
    alike: dict[tuple[str, ...], list[Examined]] = {}
    for one in found:
        if not (one.facts and is_outage(one)) or one.severity in _LOUD:
            alike.setdefault((one.severity, one.finding, one.mend), []).append(one)
    return list(alike.values())


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
