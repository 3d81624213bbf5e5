"""What a run remembers of servers."""

from tests.moves.conftest import Unasked

from liferaft.hosts.trust import Pin
from liferaft.moves.world import World

PIN = Pin("ssh-ed25519 AAAA", settled=True)


async def test_a_pin_is_of_one_server_and_not_of_the_next_of_that_name(world: World) -> None:
    await world.keep_pin("db-1", PIN)
    assert await world.pin("db-1") == PIN
    assert await world.pin("app-1") is None
    assert isinstance(world.engine, Unasked)
    world.engine.outputs["servers"][0]["id"] = "another"
    world.provisioned()
    assert await world.pin("db-1") is None
