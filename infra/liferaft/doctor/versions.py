"""What has to be the same, and is not: systems of servers and databases, between records."""

from collections.abc import Iterator
from functools import partial

from liferaft.clouds.systems import SYSTEMS, in_words
from liferaft.config import Config
from liferaft.doctor.check import Answers, Check, CheckSeverity, Diagnosis
from liferaft.doctor.patient import Patient
from liferaft.failures import Refused
from liferaft.moves.systems import require_point_of, system_for, system_of
from liferaft.recovery.point import RecoveryPoint, newest_whole
from liferaft.vault import EpochRecord

_PLATFORM = "platform"
"""What a database's part says of the server that it was kept from."""


def of_versions(patient: Patient) -> Iterator[Check]:
    if patient.current is not None:
        yield Check(
            "versions",
            "all records",
            "Do configuration, reign and newest recovery point agree on systems and versions?",
            "A database is never restored to another release, nor to another architecture.",
            partial(_versions, patient),
        )


def _versions(patient: Patient) -> Answers:
    current = patient.current
    assert current is not None  # it is asked of a reign alone
    found = []
    point = newest_whole(patient.vault, current.epoch)
    for look in (_require_system, _require_point):
        try:
            look(patient.declared, current, point)
        except Refused as refusal:
            facts = refusal.facts
            found.append(
                Diagnosis(CheckSeverity.CRITICAL, f"{facts.happened.rstrip('.')}.", facts.do)
            )
    if point is not None:
        found += _of_servers(patient, point)
    if found:
        return found
    known = SYSTEMS.get(current.system)
    system = in_words(known) if known else current.system
    kept = f"; {', '.join(_kept(point))}" if point and any(_kept(point)) else ""
    return (Diagnosis(CheckSeverity.OK, f"All are of {system}{kept}."),)


def _require_system(declared: Config, current: EpochRecord, _: RecoveryPoint | None) -> None:
    system_for(declared, current)


def _require_point(_: Config, current: EpochRecord, point: RecoveryPoint | None) -> None:
    if point is not None:
        require_point_of(system_of(current), point)


def _of_servers(patient: Patient, point: RecoveryPoint) -> Iterator[Diagnosis]:
    """A physical copy starts on the architecture that it was made on alone."""
    asked = {
        group.architecture
        for group in patient.config.servers.values()
        if any(word in patient.config.run_by_servers for word in group.runs)
    }
    for part in point.parts:
        has = str(part.facts.get(_PLATFORM, {}).get("architecture", "")).replace("aarch64", "arm64")
        if has and has not in asked:
            yield Diagnosis(
                CheckSeverity.CRITICAL,
                f"{part.kind} {part.name} of the newest recovery point is of {has} servers, and "
                f"liferaft.toml asks for {' or '.join(sorted(asked))}.",
                "Ask for the same architecture in [servers].",
            )


def _kept(point: RecoveryPoint) -> Iterator[str]:
    for part in point.parts:
        told = part.facts.get(_PLATFORM, {})
        if told:
            release, libc = told.get("postgresql", "?"), told.get("libc", "?")
            yield f"{part.name} of PostgreSQL {release}, {libc}, {told.get('architecture', '?')}"
