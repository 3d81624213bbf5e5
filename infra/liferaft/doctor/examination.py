"""All that the doctor asks, in the order in which it is told where all is alike."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from liferaft.config import Config
from liferaft.doctor import (
    accounts,
    alarms,
    keys,
    names,
    operators,
    outages,
    points,
    readiness,
    registrations,
    servers,
    service,
    standby,
    versions,
)
from liferaft.doctor.check import Check
from liferaft.doctor.patient import Patient
from liferaft.vault import Vault

FAMILIES: Final[tuple[Callable[[Patient], Iterable[Check]], ...]] = (
    accounts.of_clouds,
    accounts.of_vaults,
    accounts.of_dns,
    names.of_names,
    registrations.of_registrations,
    service.of_service,
    servers.of_servers,
    standby.of_standbys,
    readiness.of_readiness,
    points.of_points,
    keys.of_keys,
    alarms.of_alarms,
    operators.of_operators,
    versions.of_versions,
    outages.of_outages,
)


def checks_of(
    config: Config,
    vault: Vault,
    environ: Mapping[str, str],
    *,
    site: str | None = None,
    now: datetime | None = None,
) -> Sequence[Check]:
    """What is to be asked before a failover to a site; without one, to any of them. Asks the vaults
    who reigns, for some seconds at most where none answers. Raises BadInput for a site that is not
    declared."""
    return checks_for(Patient.of(config, vault, environ, site=site, now=now))


def checks_for(patient: Patient) -> Sequence[Check]:
    """The same of a patient who is known. Pure."""
    return tuple(check for family in FAMILIES for check in family(patient))
