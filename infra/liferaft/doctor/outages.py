"""What a second of outage of each vendor would break today: which data, which moves.

It is computed, not asked. A vendor that ends the application and the way out at once is critical.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from liferaft.clouds.kinds import MACHINE_IMAGE
from liferaft.clouds.registry import entry
from liferaft.config import Config
from liferaft.doctor.check import Answers, Check, CheckSeverity, Diagnosis
from liferaft.doctor.effects import Footing, OutageEffect, effect_of, listed
from liferaft.doctor.patient import Patient
from liferaft.failures import Failure
from liferaft.moves.vendors import VendorUses, vendors_of
from liferaft.site.machine_images import machine_image_of

_SECONDS: Final = 45.0
"""All vaults are looked through, once for all questions, and one may be slow."""
_WHY: Final = "Whoever can end several things at once is the one to be independent of."
_INSTALLS: Final = "its servers install packages"
_UNBROKEN: Final[Mapping[str, Any]] = {"are_users_served": True, "copies": {}, "moves": {}}
"""Nobody keeps data there: copies are left out."""


def of_outages(patient: Patient) -> Iterator[Check]:
    for uses in vendors_of(patient.config):
        yield Check(
            "outage",
            uses.vendor,
            f"What would an outage of {uses.vendor} break today?",
            _WHY,
            partial(_of_vendor, patient, uses),
            _SECONDS,
        )
    yield Check(
        "outage-mirror",
        "Debian's mirror",
        "What would an outage of Debian's mirror break today?",
        _WHY,
        partial(_of_mirror, patient),
    )
    yield Check(
        "outage-registry",
        "registries of images",
        "What would an outage of a registry of container images break today?",
        _WHY,
        lambda: (
            Diagnosis(
                CheckSeverity.OK,
                "Nothing: servers are given images by archives, which lie in the vaults.",
                facts=_UNBROKEN,
            ),
        ),
    )


def _of_vendor(patient: Patient, uses: VendorUses) -> Answers:
    there = _footing(patient)
    effect = effect_of(patient.config, there, uses)
    return (replace(_judged(patient.config, there, uses, effect), facts=effect.to_json()),)


def _judged(config: Config, there: Footing, uses: VendorUses, effect: OutageEffect) -> Diagnosis:
    pieces, obstacles = "; ".join(effect.pieces), "; ".join(effect.obstacles)
    if there.home in uses.sites and obstacles:
        said = f"{pieces}. NO FAILOVER WOULD BE POSSIBLE: {obstacles}."
        mend = "Give what is named here to another vendor."
        return Diagnosis(CheckSeverity.CRITICAL, _sentence(said), mend)
    if set(there.vaults) <= set(uses.vaults):
        said = f"{pieces}; no move at all would be possible."
        idle = [name for name in config.vaults if name not in uses.vaults]
        mend = "Declare a second vault, at another vendor."
        if idle:
            mend = f"See to vault {listed(idle)}: nothing could come back from it today."
        return Diagnosis(CheckSeverity.WARNING, _sentence(said), mend)
    if obstacles:
        said = f"{pieces}; no failover would be possible: {obstacles}."
        return Diagnosis(CheckSeverity.NOTE, _sentence(said))
    return Diagnosis(CheckSeverity.NOTE, _sentence(f"{pieces}."))


def _footing(patient: Patient) -> Footing:
    """A vault counts unless it is known to be silent, or to have no point while another has one.
    Where none is left, or nobody can tell, which other questions find, all count."""
    declared = tuple(patient.config.vaults)
    if patient.current is None:
        return Footing(patient.home, declared, ())
    try:
        seen = patient.watched.vaults
    except Failure:
        return Footing(patient.home, declared, declared)
    keeping = {one.name for one in seen if one.trouble is None and one.point is not None}
    idle = {one.name for one in seen if one.trouble is not None}
    idle |= {one.name for one in seen if keeping and one.point is None}
    good = tuple(name for name in declared if name not in idle)
    return Footing(patient.home, good or declared, tuple(keeping))


def _sentence(said: str) -> str:
    return f"{said[:1].upper()}{said[1:]}"


def _of_mirror(patient: Patient) -> Answers:
    bare = tuple(name for name in patient.standbys if not _has_image(patient, name))
    if not bare:
        finding = "`image build` alone: servers boot with everything installed."
        return (Diagnosis(CheckSeverity.OK, finding, facts=_UNBROKEN),)
    moves = {f"{move} {name}": _INSTALLS for name in bare for move in ("failover", "drill")}
    finding = f"A failover to {listed(bare)} installs packages from it, and would not go on."
    mend = f"`liferaft image build {bare[0]}`: servers boot with everything installed then."
    facts = {**_UNBROKEN, "moves": moves}
    return (Diagnosis(CheckSeverity.WARNING, finding, mend, facts=facts),)


def _has_image(patient: Patient, site: str) -> bool:
    """A good one: of the site's place and the application's system."""
    declared = patient.config.sites[site]
    if MACHINE_IMAGE.name not in entry(declared.cloud).kinds:
        return False
    image = machine_image_of(patient.vault, site)
    return (
        image is not None
        and (image.cloud, image.region) == (declared.cloud, declared.region)
        and image.system == patient.config.system
    )
