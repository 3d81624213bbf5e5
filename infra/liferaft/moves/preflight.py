"""Before a failover moves anything: what it will need of the vault is read, and every damage named.

What can be made anew stops nothing, and is told. `plan failover` reads all of it; the failover
itself reads what costs a moment, and the rest is checked where it is used, before users are served.
"""

import asyncio
from collections.abc import Mapping

from liferaft.data.wholeness import QUICK, THOROUGH, Look, Operators, ReadingDepth
from liferaft.failures import Failure
from liferaft.hosts import archives
from liferaft.moves import wholeness
from liferaft.moves.damages import damages_of, together
from liferaft.moves.facts import current_epoch
from liferaft.moves.inputs import FailoverInputs
from liferaft.moves.wholeness import FailoverNeeds
from liferaft.plan.plan import Plan
from liferaft.provision.engine.faults import StateUnreadable
from liferaft.provision.engine.state.storage import Storage
from liferaft.secrets import read_secrets
from liferaft.site.bucket_name import damage_of_name, has_bucket
from liferaft.site.image_sources import archives_here
from liferaft.site.site import Site
from liferaft.site.stack import has_servers


async def require_whole(
    site: Site, plan: Plan, *, running: bool, take_over: bool = False, as_of_then: bool = False
) -> tuple[str, ...]:
    """Raise NotWhole, or the single damage, if a failover by this plan would lack something.

    Otherwise: what is damaged and made anew, and what was not looked at, in sentences. running:
    whether it is to be run now, so that users wait for this, and the operator's keys must open
    what they have to. as_of_then: whether the vault is looked at as it was: what the engine keeps
    there by itself is not.
    """
    if not isinstance(plan.inputs, FailoverInputs):
        return ()
    wanted = await asyncio.to_thread(wholeness.wanted_by, site.vault, plan.inputs)
    depth = QUICK if running else THOROUGH
    look = await _look(
        *(site, wanted, depth), take_over=take_over, running=running, as_of_then=as_of_then
    )
    told = (*look.anew, *look.unread)
    if not look.damages:
        return told
    current = await asyncio.to_thread(site.epochs.current)
    if current is not None and current.epoch >= plan.epoch:
        # Past the point of no return there is no way back, and most of it was used already.
        return (*(f"{damage}. {damage.facts.do}" for damage in look.damages), *told)
    raise together(look.damages)


async def with_the_rest(site: Site, damage: Failure, *, take_over: bool = False) -> Failure:
    """A damage for which no plan could be built, with all else that a failover would lack: damages
    are told at once and not one after the other."""
    epoch = await asyncio.to_thread(lambda: current_epoch(site.vault).epoch)
    wanted = await asyncio.to_thread(wholeness.wanted_of, site.vault, epoch)
    look = await _look(site, wanted, QUICK, take_over=take_over, running=False)
    known = {one.facts.happened: one for one in (*damages_of(damage), *look.damages)}
    return together(tuple(known.values()))


async def _look(
    site: Site,
    wanted: FailoverNeeds,
    reading: ReadingDepth,
    *,
    take_over: bool,
    running: bool,
    as_of_then: bool = False,
) -> Look:
    mine = Operators(lambda: _archives(site), takes_over=take_over)
    found = await asyncio.gather(
        asyncio.to_thread(wholeness.look_at_vault, site.vault, wanted, reading, mine),
        *(() if as_of_then else (_state(site), _bucket_name(site))),
        _inside(site, wanted, running=running),
        return_exceptions=True,
    )
    for one in found:
        if isinstance(one, BaseException):
            raise one
    return sum((one for one in found if isinstance(one, Look)), Look())


def _archives(site: Site) -> Mapping[str, str]:
    """Path by SHA-256 of the operator's archives that are there."""
    return {archives.digest(path): str(path) for path in archives_here(site.config)}


async def _state(site: Site) -> Look:
    """The site's state, and with it whether host keys of its servers are needed."""
    damages: list[Failure] = []
    try:
        await Storage(site.state).require_layout()
    except StateUnreadable as damage:
        damages.append(damage)
    try:
        deployment = await site.deployment()
    except StateUnreadable as damage:
        return Look((*damages, damage))
    there = has_servers(deployment)
    pins = await asyncio.to_thread(wholeness.pins, site.vault, site.name, has_servers=there)
    return Look(tuple(damages)) + pins


async def _bucket_name(site: Site) -> Look:
    damage = await damage_of_name(site)
    if damage is None:
        return Look()
    try:
        known = await has_bucket(site)
    except StateUnreadable:
        return Look((damage,))
    return Look(anew=(f"{damage}. The site's state says it too.",)) if known else Look((damage,))


async def _inside(site: Site, wanted: FailoverNeeds, *, running: bool) -> Look:
    """Look at the backups with the app's secrets, if those can be opened: a plan that is only shown
    needs no keys."""
    try:
        secrets = await asyncio.to_thread(
            read_secrets, site.vault, wanted.epoch, site.credentials.identity_file
        )
    except Failure as failure:
        if failure.facts.details.get("key"):
            return Look()  # a damage that is told by whoever looks at the secrets themselves
        if running:
            return Look((failure,))
        said = (
            f"{failure.facts.happened.rstrip('.')}: what is only read with the application's "
            "secrets was not looked at, such as notes of backups."
        )
        return Look(unread=(said,))
    return await asyncio.to_thread(wholeness.look_inside, site.vault, wanted, secrets)
