"""A change of secrets: under the operation lease, a link of their chain, in every vault."""

import asyncio
from collections.abc import Callable

from liferaft.journal import hold_lease
from liferaft.secrets import KeptSecrets, SecretsChain, to_be_changed
from liferaft.site.catching_up import bring_vaults_up, doubt_vaults_after_a_kill
from liferaft.site.epochs import FIRST_EPOCH
from liferaft.site.own_secrets import keeper_of
from liferaft.site.site import Site
from liferaft.vault import EpochChain


async def change_secrets(
    site: Site, what: str, change: Callable[[KeptSecrets], KeptSecrets], *, take_over: bool
) -> KeptSecrets:
    """Keep what `change` makes of the secrets, for the operators of today; nothing where nothing
    changes. Vaults that were away are brought what they lack.

    what: in words, for who is kept out meanwhile. Raises LeaseHeld while somebody else's run is
    under way, Held where a secret was changed meanwhile all the same, and what `change` raises.
    """
    async with hold_lease(site.vault, "secrets", what=what, take_over=take_over) as lease:
        await doubt_vaults_after_a_kill(site, lease)
        keeper = keeper_of(site)
        epoch = await asyncio.to_thread(_epoch, site)
        before = await asyncio.to_thread(to_be_changed, site.vault, epoch, keeper)
        changed = change(before.with_operators(keeper.recipients))
        if changed == before and before.told.number:
            return before
        await lease.require_in_thread()
        chain = SecretsChain(site.vault)
        kept = await asyncio.to_thread(chain.append, changed, keeper.identity_file)
        await bring_vaults_up(site)
        return kept


def _epoch(site: Site) -> int:
    """Whose secrets there are; those of the first deploy may be kept before it has its epoch."""
    current = EpochChain(site.vault).current()
    return current.epoch if current else FIRST_EPOCH
