"""The facts from which a plan is built, read from the vault: the primary is never asked.

They become the first event of the run's journal; a resume builds the same plan from them again.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

from liferaft.clouds.contract import Unsupported
from liferaft.clouds.kinds import MACHINE_IMAGE
from liferaft.clouds.registry import entry
from liferaft.config import Config
from liferaft.data import registry
from liferaft.data.kind import KindFacts
from liferaft.failures import BadInput, Failure, Refused
from liferaft.moves import jobs, needs
from liferaft.moves.damages import Damages
from liferaft.moves.inputs import (
    ClearInputs,
    DeployInputs,
    DestroyInputs,
    FailoverInputs,
    MachineImageInputs,
    ScheduleInputs,
    SnapshotInputs,
)
from liferaft.moves.moment import point_before, written
from liferaft.moves.systems import require_point_of, system_for, system_of
from liferaft.recovery import point as points
from liferaft.recovery.destroyed import destroyed_at
from liferaft.recovery.point import RecoveryPoint
from liferaft.site.epochs import FIRST_EPOCH
from liferaft.vault import EpochChain, EpochRecord, Vault


def for_deploy(config: Config, vault: Vault, site: str) -> DeployInputs:
    """`epoch` and whether the site `reigns`. The first deploy is the primary's.

    Of a site that was destroyed while it reigned: the next epoch, and `from_epoch`, whose secrets
    are carried on; the database is a new one, so its archive is as well, and its servers may run
    another system.
    """
    require_site(config, site)
    current = EpochChain(vault).current()
    if current is None:
        if site != config.primary:
            raise Refused(
                f"Nothing reigns yet: {site} can only be made ready beside a primary",
                safe="Nothing was done.",
                do=f"Deploy the primary first: liferaft deploy {config.primary}",
            )
        return DeployInputs(
            site=site, epoch=1, reigns=True, system=config.system, jobs=jobs.at_deploy(config)
        )
    if current.site == site and destroyed_at(vault, current.epoch):
        last, system = current.epoch, config.app.system or system_of(current)
        inputs = DeployInputs(
            site=site, epoch=last + 1, reigns=True, from_epoch=last, system=system
        )
    else:
        reigns, system = current.site == site, system_for(config, current)
        inputs = DeployInputs(site=site, epoch=current.epoch, reigns=reigns, system=system)
    point = points.newest_whole(vault, current.epoch) if inputs.reigns else None
    if inputs.reigns:
        inputs = replace(inputs, jobs=jobs.at_deploy(config))
    if point is None:
        return inputs
    return replace(inputs, point=point.name, point_epoch=point.epoch)


def for_snapshot(
    config: Config, vault: Vault, site: str, now: datetime | None = None
) -> SnapshotInputs:
    """The reigning site, its epoch, and a name for the point to be. Raises Refused where there is
    nothing to keep."""
    current = _with_data(config, vault, site)
    moment = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    system = system_for(config, current)
    return SnapshotInputs(site=site, epoch=current.epoch, reigns=True, point=moment, system=system)


def for_schedule(config: Config, vault: Vault, site: str) -> ScheduleInputs:
    """The reigning site and its epoch. Raises Refused where there is nothing to keep."""
    current = _with_data(config, vault, site)
    system = system_for(config, current)
    return ScheduleInputs(site=site, epoch=current.epoch, reigns=True, system=system)


def _with_data(config: Config, vault: Vault, site: str) -> EpochRecord:
    """The epoch in which this site has the data that is to be kept."""
    require_site(config, site)
    current = current_epoch(vault)
    if current.site != site:
        raise Refused(
            f"{site} does not reign, {current.site} does: only there is data to keep",
            safe="Nothing was done.",
            do="Run the same command without naming a site.",
        )
    gone = destroyed_at(vault, current.epoch)
    if gone is not None:
        raise Refused(
            f"{site} was destroyed at {gone}, and its database with it: there is nothing to keep",
            safe="Nothing was done; what the vault holds stays.",
            do="Bring the application back first: `liferaft failover` to another site.",
        )
    return current


def for_failover(
    config: Config,
    vault: Vault,
    site: str,
    point_name: str | None = None,
    at: datetime | None = None,
    *,
    above: int = 0,
) -> FailoverInputs:
    """Old and new epoch, the newest recovery point or the one that is named, and what kinds of data
    read for it. at: the moment as of which data is brought back. above: an epoch that was given out
    already, where the vault was put back since.

    Raises Damaged where the point's manifest is, naming the next older one; NotWhole where several
    of the objects that say this are damaged.
    """
    require_site(config, site)
    current = current_epoch(vault)
    if current.site == site:
        raise Refused(
            f"{site} reigns already, since {current.at}",
            safe="Nothing was done.",
            do=f"A failover to {site} is done, if that is what was asked for: `liferaft status` "
            "says what it still wants. Otherwise name another site to move to.",
        )
    damages = Damages()
    if at is None:
        point = damages.beside(lambda: _point(vault, current.epoch, point_name), None)
    else:
        point = point_before(config, vault, current, at, point_name)
    point = point or points.newest_whole(vault, current.epoch)  # to look at the rest as well
    if point is None:
        damages.require_none()
    assert point is not None  # else its damage was raised
    system = system_for(config, current)
    require_point_of(system, point)
    facts = _facts(config.on(system), vault, current.epoch, point, damages)
    if at is not None:
        read = {
            kind.name: kind.as_of(facts.get(kind.name), written(at))
            for kind in registry.kinds_of(config)
        }
        facts = {name: one for name, one in read.items() if one is not None}
    return FailoverInputs(
        site=site,
        epoch=max(current.epoch, above) + 1,
        reigns=True,
        from_epoch=current.epoch,
        from_site=current.site,
        point=point.name,
        point_epoch=point.epoch,
        facts=facts,
        at=None if at is None else written(at),
        jobs=jobs.at_failover(config),
        system=system,
    )


def _point(vault: Vault, epoch: int, name: str | None) -> RecoveryPoint | None:
    return points.newest(vault, epoch) if name is None else points.named(vault, epoch, name)


def _facts(
    config: Config, vault: Vault, epoch: int, point: RecoveryPoint, damages: Damages
) -> dict[str, KindFacts]:
    """What each kind of data reads. Damage that one meets hides no other's, and is told before
    what a kind refuses, which may only seem so, or cannot read of the operator's."""
    found: dict[str, KindFacts] = {}
    refusals: list[Failure] = []
    with ThreadPoolExecutor() as pool:  # users wait, and the vault may be far away
        reads = [
            (kind, pool.submit(kind.read_facts, config, vault, epoch, point))
            for kind in registry.kinds_of(config)
        ]
    for kind, reading in reads:
        try:
            read = damages.beside(reading.result, None)
        except (BadInput, Refused) as refusal:
            refusals.append(refusal)
            continue
        if read is not None:
            found[kind.name] = read
    damages.require_none()
    if refusals:
        raise refusals[0]
    return found


def for_machine_image(
    config: Config, vault: Vault, site: str, now: datetime | None = None
) -> MachineImageInputs:
    """A name for the image to be. The site need not reign, nor anything at all.

    Raises Unsupported for a cloud without machine images, saying what to do there instead.
    """
    require_site(config, site)
    cloud = config.sites[site].cloud
    current = EpochChain(vault).current()
    system = system_for(config, current)
    if MACHINE_IMAGE.name not in entry(cloud).kinds:
        raise _machines_are_there(config.on(system), site)
    moment = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    epoch = current.epoch if current else FIRST_EPOCH
    return MachineImageInputs(site=site, epoch=epoch, reigns=False, image=moment, system=system)


def _machines_are_there(config: Config, site: str) -> Unsupported:
    """Told whole, to be pasted: without it a failover installs while users wait. What comes with a
    package and starts by itself has nothing to say on a machine that is not in use."""
    wanted = " ".join(needs.all_packages(config))
    idle = " ".join(needs.idle_units(config))
    install = f"apt-get update && apt-get install --yes --no-install-recommends {wanted}"
    return Unsupported(
        f"{config.sites[site].cloud} has no machine images: the machines of {site} are there "
        "already",
        safe="Nothing was touched.",
        do="Install on each of them as root, now and not in a failover, what is given above.",
        details={"install": f"{install} && systemctl disable --now {idle}"},
    )


def for_destroy(config: Config, vault: Vault, site: str) -> DestroyInputs:
    """The site, the current epoch, and whether the application is there now: what was destroyed
    while it reigned may have left something behind, but serves nobody."""
    require_site(config, site)
    current = current_epoch(vault)
    stands = not destroyed_at(vault, current.epoch)
    serves = stands and current.site == site
    instead = current.site if stands and not serves and current.site in config.sites else None
    system = system_of(current)
    return DestroyInputs(
        site=site, epoch=current.epoch, reigns=serves, instead=instead, system=system
    )


def for_clear(config: Config, vault: Vault, site: str) -> ClearInputs:
    """The site and the current epoch. Raises Refused for the site that reigns."""
    require_site(config, site)
    current = current_epoch(vault)
    if current.site == site:
        raise Refused(
            f"{site} reigns, epoch {current.epoch}: its servers are the application's",
            safe="Nothing was done.",
            do=f"To delete all of it: `liferaft destroy {site}`.",
        )
    return ClearInputs(site=site, epoch=current.epoch, reigns=False, system=system_of(current))


def require_site(config: Config, site: str) -> None:
    """Raise BadInput for a site that liferaft.toml does not name."""
    if site not in config.sites:
        raise BadInput(
            f"liferaft.toml names no site {site}",
            safe="Nothing was done.",
            do=f"Name one of: {', '.join(sorted(config.sites))}",
        )


def current_epoch(vault: Vault) -> EpochRecord:
    """The current epoch. Raises Refused before the first deploy."""
    current = EpochChain(vault).current()
    if current is None:
        raise Refused(
            "Nothing reigns yet: the application was never deployed",
            safe="Nothing was done.",
            do="Begin with `liferaft deploy` of the primary.",
        )
    return current
