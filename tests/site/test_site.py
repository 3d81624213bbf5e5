"""What a site is asked for once."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from tests.application import Unasked

from liferaft.provision.engine.contract import Request
from liferaft.site.world import World


@dataclass
class Slow(Unasked):
    """Answers what was true when it was asked, once it is let."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)

    async def export(self, request: Request) -> dict[str, Any]:
        found = await super().export(request)
        self.asked.set()
        await self.may_answer.wait()
        return found


async def test_what_was_asked_before_a_change_is_not_told_after_it(world: World) -> None:
    assert isinstance(world.site.engine, Unasked)
    before = dict(world.site.engine.outputs)
    world.site.engine = engine = Slow({**before, "servers": []})
    asked = asyncio.create_task(world.site.outputs())
    await engine.asked.wait()
    engine.outputs = before
    world.site.forget_outputs()
    engine.may_answer.set()
    await asked
    assert (await world.site.outputs()).server("db-1")
