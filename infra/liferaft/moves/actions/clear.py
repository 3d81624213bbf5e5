"""What a site has from an epoch that is over goes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from liferaft.moves.actions.provision import UNCHANGED, quiet, require_ok
from liferaft.moves.former import former_of
from liferaft.site.epochs import require_not_current
from liferaft.site.stack import has_servers, request
from liferaft.site.world import World


@dataclass(frozen=True)
class ClearSite:
    """No server of the site is there, and no bucket of a former epoch; network and address stay.

    The bucket goes too: a restore never overwrites what is in a bucket, so what was changed or
    deleted elsewhere since would come back.
    """

    site: str
    epoch: int

    async def holds(self, world: World) -> bool:
        if has_servers(await world.site.deployment()):
            return False
        if await world.servers.has_pins():
            return False  # a run was killed before it forgot them
        return await former_of(world.site, before=self.epoch) is None

    async def apply(self, world: World) -> Mapping[str, Any]:
        await require_not_current(world, self.site)
        asked = await request(world.site, servers=False, bucket=None, epoch=self.epoch)
        outcome = await world.site.engine.up(asked, quiet)
        world.site.forget_outputs()
        require_ok(outcome, self.site, goal="cleared")
        await world.servers.drop_pins()
        return {
            "changes": dict(outcome.changes),
            "unchanged": set(outcome.changes) <= UNCHANGED,
        }

    async def prove(self, world: World) -> None:
        """The engine deletes a row only once its cloud says that the thing is gone."""
