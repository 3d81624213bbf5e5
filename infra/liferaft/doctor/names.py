"""The application's name as resolvers are told it: TTLs, the delegation, and what nobody tells."""

import asyncio
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from octodns.zone import Zone

from liferaft.dns import authoritative
from liferaft.dns.vendors import OctoProvider, ask
from liferaft.doctor.check import Answers, Check, CheckSeverity, Diagnosis
from liferaft.doctor.patient import Patient
from liferaft.failures import Failure
from liferaft.journal import RunName, what_is_left
from liferaft.moves.actions.dns import VENDOR_SECONDS, declared_vendor

_SECONDS: Final = 25.0
_SHORT: Final = 300
"""Seconds: nobody minds, and some vendors take no less."""
_OK, _WARNING, _UNKNOWN = CheckSeverity.OK, CheckSeverity.WARNING, CheckSeverity.UNKNOWN
_NOBODY: Final = Diagnosis(
    _UNKNOWN,
    "NOT KNOWN: no name server of the zone could be asked from here.",
    "Ask from another network, or see whether the zone is delegated.",
    is_answered=False,
)


def of_names(patient: Patient) -> Iterator[Check]:
    domain, zone = patient.config.app.domain, patient.config.dns.zone
    yield Check(
        "name-served",
        domain,
        f"For how long do resolvers keep what the name servers of {zone} say of {domain}?",
        "For so long users are led to a dead site after the name has moved.",
        partial(_served, patient),
        _SECONDS,
    )
    yield Check(
        "name-missing",
        zone,
        f"For how long do resolvers keep that a name is not in {zone}?",
        "A name that was taken out, or was asked for too early, is missed for so long.",
        partial(_missing, patient),
        _SECONDS,
    )
    for name in patient.config.dns.vendors:
        yield Check(
            "delegation",
            f"DNS vendor {name}",
            f"Are resolvers led to name servers of DNS vendor {name}?",
            "A vendor that nobody is led to answers nobody on the day when the other one is gone.",
            partial(_delegation, patient, name),
            2 * _SECONDS,
        )
        yield Check(
            "dns-rights",
            f"DNS vendor {name}",
            f"May our token change {domain} at DNS vendor {name}?",
            "A token that reads alone is met by a failover, at the moment when the name moves.",
            partial(_rights, patient, name),
        )


def _served(patient: Patient) -> Answers:
    dns, domain = patient.config.dns, patient.config.app.domain
    answers = asyncio.run(authoritative.ask_all(dns.zone, domain))
    if not answers:
        return (_NOBODY,)
    found = []
    places = {one.addresses for one in answers}
    if len(places) > 1:
        said = "; ".join(map(str, answers))
        finding = f"Name servers of {dns.zone} do not agree: {said}."
        found.append(Diagnosis(_WARNING, finding, "See whether each vendor takes changes."))
    longest = max(one.ttl for one in answers)
    if longest > dns.ttl:
        finding = f"Up to {longest} s, and dns.ttl is {dns.ttl} s."
        mend = "`liferaft deploy` of the site that reigns writes it; or lower it at the vendor."
        found.append(Diagnosis(_WARNING, finding, mend))
    where = ", ".join(sorted(frozenset().union(*places))) or "nowhere"
    well = Diagnosis(_OK, f"{longest} s at most; all {len(answers)} name servers say {where}.")
    return found or (well,)


def _missing(patient: Patient) -> Answers:
    dns = patient.config.dns
    told = asyncio.run(authoritative.ask_for_zone(dns.zone)).nothing_for
    if not told:
        return (_NOBODY,)
    longest = max(told.values())
    if longest <= max(dns.ttl, _SHORT):
        return (Diagnosis(_OK, f"{longest} s at most."),)
    finding = f"Up to {longest} s, by the SOA record, and dns.ttl is {dns.ttl} s."
    mend = "Lower the SOA's minimum at the vendor, if it lets you."
    return (Diagnosis(CheckSeverity.NOTE, finding, mend),)


def _delegation(patient: Patient, name: str) -> Answers:
    """By the name servers that the vendor's own zone names."""
    zone = patient.config.dns.zone
    led_to = asyncio.run(authoritative.ask_for_zone(zone)).servers
    if not led_to:
        return (_NOBODY,)
    vendor = declared_vendor(patient.config, patient.credentials, name)
    try:
        own = asyncio.run(ask(vendor, partial(_own_servers, zone=zone), VENDOR_SECONDS))
    except Failure as failure:
        finding = f"NOT KNOWN: {failure.facts.happened.rstrip('.')}."
        return (Diagnosis(_UNKNOWN, finding, failure.facts.do, is_answered=False),)
    if not own:
        finding = "NOT KNOWN: its class does not tell which name servers are its own."
        return (Diagnosis(_UNKNOWN, finding, f"Resolvers are led to {_listed(led_to)}."),)
    if not own & led_to:
        finding = f"Resolvers are led to {_listed(led_to)}, and it names {_listed(own)}."
        return (Diagnosis(_WARNING, finding, "Name its servers at the registrar as well."),)
    return (Diagnosis(_OK, f"Resolvers are led to {_listed(own & led_to)}, which it names."),)


def _own_servers(provider: OctoProvider, zone: str) -> frozenset[str]:
    found: Any = Zone(f"{zone}.", [])
    provider.populate(found, target=True, lenient=True)
    record = found.get_type("", "NS")
    values = () if record is None else record.values
    return frozenset(str(one).rstrip(".").lower() for one in values)


def _rights(patient: Patient, name: str) -> Answers:
    """To try would be to write. What it did in this reign says something, and no more."""
    did = _last_change(patient, name)
    finding = f"NOT KNOWN: its class does not tell, and trying would write.{did}"
    mend = "See at the vendor that the token may write in this zone, and nowhere else."
    return (Diagnosis(_UNKNOWN, finding, mend),)


def _last_change(patient: Patient, name: str) -> str:
    if patient.current is None:
        return ""
    try:
        run = what_is_left(patient.vault, RunName.parse(patient.current.run))
    except (Failure, ValueError):
        return ""
    step = run.steps.get(f"dns-{name}") if run.has_beginning else None
    if step is None or step.ended is None or not step.facts.get("changes"):
        return ""
    return f" It took a change at {step.ended:%Y-%m-%d %H:%M} UTC, by the {run.move} to {run.site}."


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))
