"""Under the lease, at the end of a run: vaults that were away are brought what they lack.

What hosts keep there is not liferaft's to copy: the hosts do. A note of absence is taken away last,
so that whoever is killed before leaves it to the next run.
"""

import asyncio
import logging

from liferaft.failures import Failure
from liferaft.journal import Lease
from liferaft.provision.engine.project_file import project_name
from liferaft.provision.engine.state.copies import bring
from liferaft.site.site import Site
from liferaft.site.state import state_places
from liferaft.vault import EveryVault, VaultFailure, catch_up, note_unfit

_log = logging.getLogger(__name__)


async def doubt_vaults_after_a_kill(site: Site, lease: Lease) -> None:
    """Note that the other vaults may lack what a command wrote last that was killed before this
    one: between two of them, perhaps. One vault has no others, and nobody is asked."""
    vault = site.vault
    if not isinstance(vault, EveryVault) or not await asyncio.to_thread(lease.follows_a_kill):
        return
    for name in vault.roll.answering[1:]:
        why = "the command before was killed, perhaps between the writes to two vaults"
        await asyncio.to_thread(vault.note_away, name, why)


async def bring_vaults_up(site: Site) -> None:
    """Bring every vault that answers and lacks something the engine's states and all records. What
    fails is told: the run that ends here is done."""
    vault = site.vault
    if not isinstance(vault, EveryVault):
        return
    names = tuple(name for name in vault.roll.answering if name in vault.roll.lacking)
    if not names:
        return
    _log.warning("Vault %s is brought what it lacks …", " and ".join(names))
    try:
        faults = await _bring(site, vault, names)
        for name in names:
            if not faults[name]:
                await asyncio.to_thread(vault.forget_away, name)
                _log.warning("Vault %s has all records.", name)
    except VaultFailure as failure:
        _log.warning("Vault %s may still lack something: %s", " and ".join(names), failure)
        return
    for name in (name for name in names if faults[name]):
        _log.warning("WARNING: vault %s is not complete: %s", name, " ".join(faults[name]))


async def _bring(site: Site, vault: EveryVault, names: tuple[str, ...]) -> dict[str, list[str]]:
    """By name, why a vault is not complete yet."""
    faults: dict[str, list[str]] = {name: [] for name in names}
    project = await asyncio.to_thread(project_name, site.config.app.project)
    places = state_places(site.config, site.credentials, vault)
    for name in (name for name in names if name != vault.roll.leading):
        try:
            await bring(site.state, places[name], project, tuple(site.config.sites))
        except Failure as failure:
            faults[name].append(str(failure))
    # One that has no epoch was declared since the first deploy, which tried those before it.
    new = [name for name in names if not vault.roll.heard[name].epochs]
    await asyncio.to_thread(note_unfit, vault, new)
    for name, found in (await asyncio.to_thread(catch_up, vault, names)).items():
        faults[name] += found
    return faults
