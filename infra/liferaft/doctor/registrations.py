"""How long the application's domain is registered, and what its registry keeps from it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from liferaft.dns.rdap import SECONDS, NoRegistry, NotRegistered, Registration
from liferaft.doctor.check import Answers, Check, CheckSeverity, Diagnosis
from liferaft.doctor.patient import Patient
from liferaft.evidence.watch import words

ENDS_SOON: Final = timedelta(days=30)
"""Registrars that renew by themselves have done so by then, or tell why they could not."""
ENDS_NOW: Final = timedelta(days=3)
"""A weekend, in which nobody pays a bill."""
RESERVED: Final = frozenset({"test", "example", "invalid", "localhost", "internal"})
"""Nobody registers a name below them, and none is lost. https://www.rfc-editor.org/rfc/rfc6761"""
_GONE: Final = {
    "client hold": "the registrar keeps it out of the DNS",
    "server hold": "the registry keeps it out of the DNS",
    "redemption period": "it was deleted, and can be bought back for a while",
    "pending delete": "it is about to be deleted, and then anybody's",
    "pending restore": "it was deleted, and is on its way back",
    "inactive": "it has no name servers",
}
"""While one of these stands resolvers find nothing. https://icann.org/epp"""
_LEAVING: Final = "pending transfer"
_RENEWED: Final = "auto renew period"


def of_registrations(patient: Patient) -> Iterator[Check]:
    zone = patient.config.dns.zone
    yield Check(
        "domain",
        zone,
        f"When does the registration of {zone} end, and does its registry keep anything from it?",
        "A domain that ran out or is on hold takes the name from every site at once.",
        partial(_domain, patient),
        seconds=SECONDS + 5,
    )


def _domain(patient: Patient) -> Answers:
    zone = patient.config.dns.zone
    top = zone.rpartition(".")[2]
    if top in RESERVED:
        finding = f".{top} is reserved: nobody registers a name there, and none ends."
        return (Diagnosis(CheckSeverity.OK, finding),)
    try:
        found = patient.registries.registration(zone)
    except NoRegistry as nobody:
        finding = f"NOT KNOWN: {nobody.facts.happened}."
        return (Diagnosis(CheckSeverity.UNKNOWN, finding, nobody.facts.do),)
    except NotRegistered as none:
        return (Diagnosis(CheckSeverity.WARNING, f"{none.facts.happened}.", none.facts.do),)
    return tuple(judged(found, zone, patient.now))


def judged(found: Registration, zone: str, now: datetime) -> Iterator[Diagnosis]:
    """Pure."""
    whose = found.name if found.name == zone else f"{found.name}, in which {zone} lies,"
    mend = f"Have the registrar of {found.name} put it right, now."
    wrong = [
        Diagnosis(CheckSeverity.CRITICAL, f"{whose} has status “{status}”: {means}.", mend)
        for status, means in _GONE.items()
        if status in found.statuses
    ]
    yield from wrong
    if _LEAVING in found.statuses:
        finding = f"{whose} is being transferred to another registrar."
        do = "Refuse it at the registrar if nobody here asked for it."
        yield Diagnosis(CheckSeverity.WARNING, finding, do)
    if found.ends is None:
        finding = f"NOT KNOWN: the registry of {found.name} does not say when it ends."
        do = "See at the registrar that it renews by itself."
        yield Diagnosis(CheckSeverity.UNKNOWN, finding, do)
        return
    left, on = found.ends - now, f"{found.ends:%Y-%m-%d %H:%M} UTC"
    renew = "Renew it at the registrar, and see that it renews by itself and can be paid for."
    if left <= timedelta():
        finding = f"The registration of {whose} ended on {on}."
        yield Diagnosis(CheckSeverity.CRITICAL, finding, renew)
    elif left < ENDS_SOON:
        severity = CheckSeverity.CRITICAL if left < ENDS_NOW else CheckSeverity.WARNING
        finding = f"The registration of {whose} ends in {words(left)}, on {on}."
        yield Diagnosis(severity, finding, renew)
    elif _RENEWED in found.statuses:
        finding = (
            f"The registration of {whose} ended and was renewed until {on} by the registry itself: "
            "the registrar can still take that back."
        )
        yield Diagnosis(CheckSeverity.NOTE, finding, "See at the registrar that it is paid for.")
    elif not wrong:
        finding = f"The registration of {whose} is good for {words(left)} more, until {on}."
        yield Diagnosis(CheckSeverity.OK, finding)
