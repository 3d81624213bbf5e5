"""Infrastructure at a cloud, through the Pulumi engine."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from liferaft.failures import VendorFailure
from liferaft.moves.stack import request
from liferaft.moves.world import World
from liferaft.provision.engine.contract import Event, Outcome

UNCHANGED = frozenset({"same"})


class NotProvisioned(VendorFailure):
    """The engine ended with errors. What was made stays in the state."""


@dataclass(frozen=True)
class Provision:
    """The site's stack is as its program says: with its servers, or as a pilot light without."""

    site: str
    epoch: int
    servers: bool

    async def holds(self, world: World) -> bool:
        """Never said from here: the engine itself compares, and changes nothing if it is so."""
        return False

    async def apply(self, world: World) -> Mapping[str, Any]:
        asked = await request(world, servers=self.servers, epoch=self.epoch)
        outcome = await world.engine.up(asked, _quiet)
        world.provisioned()
        require_ok(outcome, self.site)
        return {
            "changes": dict(outcome.changes),
            "unchanged": set(outcome.changes) <= UNCHANGED,
            "address": outcome.outputs.get("address"),
        }

    async def prove(self, world: World) -> None:
        await world.outputs()


def require_ok(outcome: Outcome, site: str) -> None:
    """Raise NotProvisioned with the engine's errors."""
    if outcome.ok:
        return
    first, *others = outcome.errors or ("the engine gave no reason",)
    raise NotProvisioned(
        f"Site {site} could not be brought to its description: {first}",
        safe="What was made before is in the state and is not made twice.",
        do="Mend the cause, then run the same command again.",
        details={f"error {number}": text for number, text in enumerate(others, 2)},
    )


def _quiet(event: Event) -> None:
    """Resources are not shown one by one: the step is what a person waits for."""
