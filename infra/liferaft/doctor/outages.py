"""What a second of outage of each vendor would break today: which data, which moves.

It is computed, not asked. A vendor that ends the application and the way out at once is critical.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

from liferaft.clouds.kinds import MACHINE_IMAGE
from liferaft.clouds.registry import entry
from liferaft.config import Config
from liferaft.data import registry
from liferaft.doctor.check import Answers, Check, CheckSeverity, Diagnosis
from liferaft.doctor.patient import Patient
from liferaft.doctor.vendors import VendorUses, vendors_of
from liferaft.site.machine_images import machine_image_of

_WHY: Final = "Whoever can end several things at once is the one to be independent of."


def of_outages(patient: Patient) -> Iterator[Check]:
    for uses in vendors_of(patient.config):
        yield Check(
            "outage",
            uses.vendor,
            f"What would an outage of {uses.vendor} break today?",
            _WHY,
            partial(_of_vendor, patient, uses),
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
            ),
        ),
    )


def _of_vendor(patient: Patient, uses: VendorUses) -> Answers:
    home, config = patient.home, patient.config
    obstacles = tuple(_obstacles(config, home, uses))
    pieces = tuple(_pieces(config, home, uses))
    is_home = home in uses.sites
    if is_home and obstacles:
        said = f"{'; '.join(pieces)}. NO FAILOVER WOULD BE POSSIBLE: {'; '.join(obstacles)}."
        mend = "Give what is named here to another vendor."
        return (Diagnosis(CheckSeverity.CRITICAL, _sentence(said), mend),)
    if set(config.vaults) <= set(uses.vaults):
        said = f"{'; '.join(pieces)}; no move at all would be possible."
        mend = "Declare a second vault, at another vendor."
        return (Diagnosis(CheckSeverity.WARNING, _sentence(said), mend),)
    if obstacles:
        said = f"{'; '.join(pieces)}; no failover would be possible: {'; '.join(obstacles)}."
        return (Diagnosis(CheckSeverity.NOTE, _sentence(said)),)
    return (Diagnosis(CheckSeverity.NOTE, _sentence(f"{'; '.join(pieces)}.")),)


def _sentence(said: str) -> str:
    return f"{said[:1].upper()}{said[1:]}"


def _pieces(config: Config, home: str | None, uses: VendorUses) -> Iterator[str]:
    """What is broken, thing by thing."""
    if home in uses.sites:
        flowing = [name for kind, name in registry.kept(config) if kind.flows]
        lost = f", what no vault has yet of {_listed(flowing)} is lost" if flowing else ""
        yield (
            f"users of {home} are served no more{lost}, and there is no deploy, snapshot or drill "
            "until the application was moved"
        )
    for site in uses.sites:
        if site != home:
            yield f"there is no failover, deploy or drill to {site}"
    for site in uses.stores:
        yield f"the application at {site} has no store for its objects"
    for vault in uses.vaults:
        others = [name for name in config.vaults if name not in uses.vaults]
        if others:
            yield f"vault {vault} gets nothing, and vault {_listed(others)} goes on by itself"
        else:
            yield f"vault {vault} gets nothing, and WAL fills the database's disk meanwhile"
    for vendor in uses.dns:
        yield f"DNS vendor {vendor} takes no change"
    if uses.issues_certificates:
        yield (
            "no certificate is renewed; a failover brings those that are kept, and a first deploy "
            "gets none"
        )


def _obstacles(config: Config, home: str | None, uses: VendorUses) -> Iterator[str]:
    """Why a failover would not work without this vendor."""
    gone = {home, *uses.sites, *uses.stores}
    left = [name for name in config.sites if name not in gone]
    if not left:
        yield "no site is left to move to"
    if set(config.vaults) <= set(uses.vaults):
        yield "no vault is left to come back from"
    if uses.dns:
        named = _listed(uses.dns)
        yield f"it ends where the name cannot be moved at DNS vendor {named}"


def _of_mirror(patient: Patient) -> Answers:
    bare = tuple(name for name in patient.standbys if not _has_image(patient, name))
    if not bare:
        finding = "`image build` alone: servers boot with everything installed."
        return (Diagnosis(CheckSeverity.OK, finding),)
    finding = f"A failover to {_listed(bare)} installs packages from it, and would not go on."
    mend = f"`liferaft image build {bare[0]}`: servers boot with everything installed then."
    return (Diagnosis(CheckSeverity.WARNING, finding, mend),)


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


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
