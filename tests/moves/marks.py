"""Small runs: steps that leave marks in the vault, and a run that was begun and killed."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from liferaft.config import Config
from liferaft.failures import Failure
from liferaft.journal import (
    Journal,
    RunName,
)
from liferaft.moves.session import MOVES
from liferaft.plan.inputs import Inputs
from liferaft.plan.plan import Plan
from liferaft.plan.step import Step
from liferaft.site.world import World
from liferaft.vault import Vault


@dataclass(frozen=True)
class Mark:
    """Leaves an object in the vault, unless it must fail."""

    name: str
    fails: bool = False
    breaks: bool = False
    seconds: float = 0.0

    async def holds(self, world: World) -> bool:
        return bool(world.site.vault.list(f"marks/{self.name}"))

    async def apply(self, world: World) -> Mapping[str, Any]:
        if self.fails:
            raise Failure("the vendor says no", do="Wait.", details={"step": "3", "kind": "quota"})
        if self.breaks:
            raise TimeoutError("a socket's own")
        await asyncio.sleep(self.seconds)
        world.site.vault.put(f"marks/{self.name}/done", world.run.name.encode())
        return {}

    async def prove(self, world: World) -> None:
        assert await self.holds(world)


def plan_of(*marks: Mark, epoch: int = 1) -> Plan:
    steps = tuple(Step(mark.name, f"Leave {mark.name}", mark) for mark in marks)
    return Plan("deploy", Inputs(site="east", epoch=epoch, reigns=True), steps)


async def begun(vault: Vault, folder: Path, config: Config, move: str, inputs: Inputs) -> Journal:
    """The journal of a run that was planned from these inputs and then killed."""
    plan = MOVES[move].plan(config, inputs)
    return await Journal.begin(
        RunName.new(plan.epoch),
        move=move,
        site=plan.site,
        inputs=inputs.to_json(),
        digest=plan.digest(),
        vaults=[vault],
        folder=folder,
    )
