"""Whether each vendor answers to our credentials: clouds, vaults, DNS vendors, all by reading."""

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, TypeVar

from liferaft.clouds import boto_errors
from liferaft.clouds.classification import CloudFailure, Verdict
from liferaft.clouds.kinds import SERVER
from liferaft.clouds.lookup import resource
from liferaft.dns import switch
from liferaft.dns.records import OwnRecords
from liferaft.doctor.check import Answers, Check, CheckSeverity, Diagnosis
from liferaft.doctor.patient import Patient
from liferaft.failures import BadInput
from liferaft.moves.actions.dns import VENDOR_SECONDS, declared_vendor
from liferaft.vault import Vault, VaultRefused, VaultUnavailable, attendance, layout, vaults_apart

T = TypeVar("T")
_CLOUD_SECONDS: Final = 40.0
"""An SDK is loaded, and a cloud that is silent is asked twice."""
_ELSEWHERE: Final = "192.0.2.1"
"""Of no site: what a move would change is asked, whichever site it led to.
https://www.rfc-editor.org/rfc/rfc5737"""


def of_clouds(patient: Patient) -> Iterator[Check]:
    for name in patient.sites:
        cloud = patient.config.sites[name].cloud
        stands_by = name in patient.standbys
        yield Check(
            "account",
            f"site {name}",
            f"Does {cloud} answer to the credentials of {name}?",
            f"A failover to {name} makes its servers with them."
            if stands_by
            else "An account that is ending says so here first.",
            partial(_account, patient, name),
            seconds=_CLOUD_SECONDS,
            silence=_when_silent(stands_by=stands_by),
        )


def _when_silent(*, stands_by: bool) -> CheckSeverity:
    """While a standby's cloud is silent nothing moves there; an application may go on in one."""
    return CheckSeverity.CRITICAL if stands_by else CheckSeverity.WARNING


def _account(patient: Patient, name: str) -> Answers:
    """Who we are, and what of ours is there: a cloud may say the first of an account that is closed
    for all else, or say of the second alone what has happened to it."""
    stands_by = name in patient.standbys
    try:
        cloud = patient.cloud(name)
    except BadInput as lacking:
        facts = lacking.facts
        severity = _when_silent(stands_by=stands_by)
        return (Diagnosis(severity, f"{facts.happened.rstrip('.')}.", facts.do),)
    told, first = _heard(cloud.account)
    listing = partial(resource(cloud, SERVER).owned_by, app=patient.config.app.name, site=name)
    if first is None or first.classification.verdict is Verdict.AMBIGUOUS:
        _, second = _heard(listing)
        first = second if first is None or _is_terminal(second) else first
    if first is not None:
        return (_of_failure(patient, name, first),)
    return (Diagnosis(CheckSeverity.OK, f"It answers: {told}."),)


def _heard(ask: Callable[[], T]) -> tuple[T | None, CloudFailure | None]:
    try:
        return ask(), None
    except CloudFailure as failure:
        return None, failure


def _is_terminal(failure: CloudFailure | None) -> bool:
    return failure is not None and failure.classification.verdict is Verdict.TERMINAL


def _of_failure(patient: Patient, name: str, failure: CloudFailure) -> Diagnosis:
    """By what the cloud's own table says that its answer means."""
    stands_by, meaning = name in patient.standbys, failure.classification
    cloud, said = patient.config.sites[name].cloud, f"{meaning.code}: {meaning.message}".rstrip(".")
    if meaning.verdict is Verdict.TERMINAL:
        finding = f"{cloud} says that the account of {name} is suspended or closed ({said})."
        do = f"Nothing moves to {name} any more: name another standby." if stands_by else ""
        return Diagnosis(CheckSeverity.CRITICAL, finding, do or failure.facts.do)
    if meaning.verdict is Verdict.AMBIGUOUS:
        finding = f"{cloud} refuses the credentials of {name}, or ends its account ({said})."
        return Diagnosis(CheckSeverity.CRITICAL, finding, failure.facts.do)
    severity = _when_silent(stands_by=stands_by)
    if meaning.verdict is Verdict.OUTAGE:
        finding = f"{cloud} does not answer for {name} ({said})."
        return Diagnosis(severity, finding, failure.facts.do, is_answered=False)
    if meaning.verdict is Verdict.THROTTLE:
        severity = CheckSeverity.WARNING
    return Diagnosis(severity, f"{cloud} refuses to say who we are ({said}).", failure.facts.do)


def of_vaults(patient: Patient) -> Iterator[Check]:
    apart = vaults_apart(patient.vault)
    for one in apart:
        yield Check(
            "vault",
            f"vault {one.name}",
            f"Does vault {one.name} answer to the operator's key pair?",
            "Everything that a failover brings back comes out of a vault.",
            partial(_vault, one, alone=len(apart) == 1),
            silence=_without_a_vault(alone=len(apart) == 1),
        )
    yield Check(
        "vaults-complete",
        "all vaults",
        "Has each vault all records that another one has?",
        "A vault that lacks some is of less use on the day when the other one is gone.",
        partial(_complete, patient),
    )


def _without_a_vault(*, alone: bool) -> CheckSeverity:
    return CheckSeverity.CRITICAL if alone else CheckSeverity.WARNING


def _vault(vault: Vault, *, alone: bool) -> Answers:
    severity = _without_a_vault(alone=alone)
    try:
        vault.list(layout.EPOCHS)
    except VaultUnavailable as silent:
        finding = f"It does not answer ({silent.facts.happened.rstrip('.')})."
        do = "See whether its account is open, and its endpoint right."
        return (Diagnosis(severity, finding, do, is_answered=False),)
    except VaultRefused as refusal:
        return (_of_refusal(refusal, severity),)
    return (Diagnosis(CheckSeverity.OK, "It answers, and lets us list what is there."),)


def _of_refusal(refusal: VaultRefused, severity: CheckSeverity) -> Diagnosis:
    """By what the table of all that speak S3 says that the store's code means."""
    said, code = refusal.facts.happened.rstrip("."), refusal.facts.details.get("code", "")
    meaning = boto_errors.verdict(code) if code else None
    if meaning is Verdict.TERMINAL:
        finding = f"It says that its account is suspended or closed ({said})."
        do = "Ask its vendor, and declare a vault at another one now."
        return Diagnosis(severity, finding, do)
    or_ends = ", or ends its account" if meaning is Verdict.AMBIGUOUS else ""
    finding = f"It refuses its key pair{or_ends} ({said})."
    do = refusal.facts.do or "Check the variables of its keys, and whether it is suspended."
    return Diagnosis(severity, finding, do)


def _complete(patient: Patient) -> Answers:
    lacking = [one for one in attendance(patient.vault) if not one.is_complete]
    if not lacking:
        return (Diagnosis(CheckSeverity.OK, "No vault is known to lack anything."),)
    return tuple(
        Diagnosis(
            CheckSeverity.WARNING,
            f"Vault {one.vault} lacks records since {one.away_since or 'nobody knows when'}: "
            f"{(one.why or 'another has more').rstrip('.')}.",
            "Once it answers, `liferaft snapshot` brings it what it lacks.",
        )
        for one in lacking
    )


def of_dns(patient: Patient) -> Iterator[Check]:
    for name in patient.config.dns.vendors:
        yield Check(
            "dns-vendor",
            f"DNS vendor {name}",
            f"Does DNS vendor {name} show the zone, and would its class let the name move?",
            "A failover leads users over at every vendor, and ends where one of them does not.",
            partial(_dns, patient, name),
            seconds=VENDOR_SECONDS + 5,
            silence=CheckSeverity.CRITICAL,
        )


def _dns(patient: Patient, name: str) -> Answers:
    """What a move would change there, computed by the vendor's class and thrown away."""
    dns, domain = patient.config.dns, patient.config.app.domain
    wanted = OwnRecords(dns.zone, domain, (_ELSEWHERE,), dns.ttl)
    vendor = declared_vendor(patient.config, patient.credentials, name)
    (outcome,) = asyncio.run(switch.plan([vendor], wanted, deadline=VENDOR_SECONDS))
    if outcome.failure is not None:
        facts = outcome.failure.facts
        said = "; ".join((facts.happened.rstrip("."), *facts.details.values()))
        return (Diagnosis(CheckSeverity.CRITICAL, f"{said}.", facts.do),)
    kept = dict(outcome.leaves)
    there = ", ".join(sorted(kept)) or "nowhere yet"
    found = [Diagnosis(CheckSeverity.OK, f"It shows the zone; {domain} points to {there}.")]
    if kept and (longest := max(kept.values())) > dns.ttl:
        found.append(
            Diagnosis(
                CheckSeverity.WARNING,
                f"{domain} has a TTL of {longest} s there, and dns.ttl is {dns.ttl} s: for so long "
                "users would be led to a dead site.",
                "Lower it there, or `liferaft deploy` the site that reigns, which writes it.",
            )
        )
    found += [
        Diagnosis(CheckSeverity.WARNING, f"{said.rstrip('.')}.", "Take it out at the vendor.")
        for said in outcome.warnings
    ]
    return found
