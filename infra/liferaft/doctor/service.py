"""What users meet: whether the application answers them, and how long its certificate is good."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from liferaft.data import registry
from liferaft.data.certificates.proof import GOOD_DAYS
from liferaft.doctor.check import Answers, Check, CheckSeverity, Diagnosis
from liferaft.doctor.patient import Patient
from liferaft.edge.served import ServedCertificate, served_certificate
from liferaft.evidence.watch import words
from liferaft.moves.actions.prove import ailment_of
from liferaft.recovery.point import newest_whole

_KIND: Final = "certificates"
_RENEWS: Final = "See Caddy's log on its server: `journalctl -u caddy`."


def of_service(patient: Patient) -> Iterator[Check]:
    home = patient.home
    if home is None or patient.current is None:
        return
    yield Check(
        "served",
        f"site {home}",
        f"Does the application answer well at {home}, as its users ask it?",
        "What does not answer today is what a failover is for, or what one would bring back.",
        partial(_served, patient, home),
        silence=CheckSeverity.CRITICAL,
    )
    yield Check(
        "certificate",
        patient.config.app.domain,
        "How long is the certificate good that users are shown, and is it kept in the vaults?",
        "A failover serves the kept one from its first request; an expired one turns users away.",
        partial(_certificate, patient, home),
    )


def _address(patient: Patient, home: str) -> str:
    """The site's reserved one: what the name points to is another question. Raises Failure."""
    return asyncio.run(patient.site(home, asks_cloud=False).outputs()).address


def _served(patient: Patient, home: str) -> Answers:
    url = patient.config.app.health
    ailment = ailment_of(url, _address(patient, home), patient.credentials.users_ca_file)
    if ailment is None:
        return (Diagnosis(CheckSeverity.OK, f"{url} answers well."),)
    do = f"Look at the application's logs; if {home} is gone: `liferaft failover SITE`."
    return (Diagnosis(CheckSeverity.CRITICAL, f"{url} is not well: {ailment.rstrip('.')}.", do),)


def _certificate(patient: Patient, home: str) -> Answers:
    domain, address = patient.config.app.domain, _address(patient, home)
    try:
        shown = served_certificate(address, domain, patient.credentials.users_ca_file)
    except OSError as error:
        finding = f"NOT KNOWN: nobody shows one at {address} ({error})."
        return (Diagnosis(CheckSeverity.UNKNOWN, finding, is_answered=False),)
    return (*_of_shown(patient, shown), *_of_kept(patient, shown))


def _of_shown(patient: Patient, shown: ServedCertificate) -> Iterator[Diagnosis]:
    left, lifetime = shown.ends - patient.now, shown.ends - shown.begins
    ends = f"{shown.ends:%Y-%m-%d %H:%M} UTC"
    if shown.fault is not None:
        finding = f"Users refuse it ({shown.fault}); it ends on {ends}."
        yield Diagnosis(CheckSeverity.CRITICAL, finding, _RENEWS)
    elif left < min(timedelta(days=GOOD_DAYS), lifetime / 4):
        finding = f"It ends in {words(left)}, on {ends}, and should have been renewed by now."
        yield Diagnosis(CheckSeverity.WARNING, finding, _RENEWS)
    else:
        yield Diagnosis(CheckSeverity.OK, f"It is good for {words(left)} more, until {ends}.")


def _of_kept(patient: Patient, shown: ServedCertificate) -> Iterator[Diagnosis]:
    """What is kept is sealed: when it was kept is told, and what was issued since is not in it."""
    assert patient.current is not None  # it is asked of a reign alone
    point = newest_whole(patient.vault, patient.current.epoch)
    parts = [part for part in point.parts if part.kind == _KIND] if point else []
    snapshot = "Take a recovery point: `liferaft snapshot`; or let servers keep it: `every`."
    if not parts:
        finding = "No recovery point keeps one: a failover has it issued anew, while users wait."
        yield Diagnosis(CheckSeverity.WARNING, finding, snapshot)
        return
    kept = registry.kind(_KIND).as_kept(patient.vault, parts[0])
    at = datetime.fromisoformat(kept.taken_at).astimezone(UTC)
    if at < shown.begins:
        finding = (
            f"It was issued after certificates were kept last ({at:%Y-%m-%d %H:%M} UTC): "
            "a failover would serve the former one until that ends."
        )
        yield Diagnosis(CheckSeverity.WARNING, finding, snapshot)
    else:
        yield Diagnosis(CheckSeverity.OK, f"The vaults have it, as of {at:%Y-%m-%d %H:%M} UTC.")
