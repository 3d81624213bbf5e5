"""The application's secrets, kept sealed in the vault for each epoch."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from liferaft.failures import Failure
from liferaft.secrets import (
    are_kept,
    carry_secrets,
    ensure_secrets,
    keep_link,
    needs_link,
    operators_of,
    read_secrets,
)
from liferaft.site.own_secrets import keeper_of
from liferaft.site.world import World


@dataclass(frozen=True)
class KeepSecrets:
    """The secrets lie in the vault under `epoch`: carried from `old`, or made if it is the same.
    Those that liferaft.toml has drawn have a value, and all operators of today can open them."""

    epoch: int
    old: int

    async def holds(self, world: World) -> bool:
        """Read, not only listed: what is there may be damaged."""
        return await asyncio.to_thread(self._are_kept, world)

    async def apply(self, world: World) -> Mapping[str, Any]:
        await asyncio.to_thread(self._keep, world)
        return {}

    def _are_kept(self, world: World) -> bool:
        site = world.site
        return are_kept(site.vault, self.epoch) and not needs_link(
            site.vault, self.epoch, site.config.secrets, site.credentials.recipients
        )

    def _keep(self, world: World) -> None:
        vault, edge = world.site.vault, world.site.credentials
        recipients = operators_of(vault, edge.recipients)
        if self.old == self.epoch:
            ensure_secrets(
                vault,
                self.epoch,
                recipients=recipients,
                identity_file=edge.identity_file,
            )
        else:
            carry_secrets(
                vault,
                old=self.old,
                new=self.epoch,
                recipients=recipients,
                identity_file=edge.identity_file,
            )

        declared = world.site.config.secrets
        if needs_link(vault, self.epoch, declared, edge.recipients):
            keep_link(vault, self.epoch, declared, keeper_of(world.site))

    async def prove(self, world: World) -> None:
        """Read back from this very epoch, they are the ones in use."""
        kept = await asyncio.to_thread(
            read_secrets, world.site.vault, self.epoch, world.site.credentials.identity_file
        )
        if kept != await world.site.secrets():
            raise Failure(
                f"The secrets under epoch {self.epoch} are not those of the application",
                safe="Nothing was overwritten.",
                do="Find out who wrote them: they must be the same from reign to reign.",
            )
