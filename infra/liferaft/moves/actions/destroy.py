"""A site's infrastructure is deleted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from liferaft.moves.actions.provision import require_ok
from liferaft.moves.stack import request
from liferaft.moves.world import World
from liferaft.provision.engine.contract import Event


@dataclass(frozen=True)
class DestroySite:
    """Nothing that the site's state knew exists any more; its pinned host keys are forgotten."""

    site: str
    epoch: int

    async def holds(self, world: World) -> bool:
        """Never said from here: the engine itself finds that nothing is left to delete."""
        return False

    async def apply(self, world: World) -> Mapping[str, Any]:
        outcome = await world.engine.destroy(await request(world, epoch=self.epoch), _quiet)
        world.provisioned()
        require_ok(outcome, self.site)
        await world.drop_pins()
        return {"changes": dict(outcome.changes), "unchanged": not outcome.changes}

    async def prove(self, world: World) -> None:
        """The engine deletes a row only once its cloud has said that the thing is gone."""


def _quiet(event: Event) -> None:
    """Resources are not shown one by one: the step is what a person waits for."""
