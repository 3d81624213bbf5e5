"""What a run remembers of servers."""

from tests.application import Unasked

from liferaft.hosts.trust import Pin
from liferaft.site.world import World

PIN = Pin("ssh-ed25519 AAAA", settled=True)


async def test_a_pin_is_of_one_server_and_not_of_the_next_of_that_name(world: World) -> None:
    await world.servers.keep_pin("db-1", PIN)
    assert await world.servers.pin("db-1") == PIN
    assert await world.servers.pin("app-1") is None
    assert isinstance(world.site.engine, Unasked)
    world.site.engine.outputs["servers"][0]["id"] = "another"
    world.site.forget_outputs()
    assert await world.servers.pin("db-1") is None
