"""The application's secrets, kept sealed in the vault for each epoch."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from liferaft.failures import Failure
from liferaft.secrets import are_kept, carry_secrets, ensure_secrets, read_secrets
from liferaft.site.world import World


@dataclass(frozen=True)
class KeepSecrets:
    """The secrets lie in the vault under `epoch`: carried from `old`, or made if it is the same."""

    epoch: int
    old: int

    async def holds(self, world: World) -> bool:
        """Read, not only listed: what is there may be damaged."""
        return await asyncio.to_thread(are_kept, world.site.vault, self.epoch)

    async def apply(self, world: World) -> Mapping[str, Any]:
        await asyncio.to_thread(self._keep, world)
        return {}

    def _keep(self, world: World) -> None:
        vault, edge = world.site.vault, world.site.credentials
        if self.old == self.epoch:
            ensure_secrets(
                vault,
                self.epoch,
                recipients=edge.recipients,
                identity_file=edge.identity_file,
            )
        else:
            carry_secrets(
                vault,
                old=self.old,
                new=self.epoch,
                recipients=edge.recipients,
                identity_file=edge.identity_file,
            )

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
