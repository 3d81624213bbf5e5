"""What a run remembers of servers."""

from tests.application import Unasked

from liferaft.hosts.trust import Pin
from liferaft.recovery.blueprint import Blueprint
from liferaft.site.world import Run, World

PIN = Pin("ssh-ed25519 AAAA", settled=True)


async def test_a_pin_is_of_one_server_and_not_of_the_next_of_that_name(world: World) -> None:
    await world.servers.keep_pin("db-1", PIN)
    assert await world.servers.pin("db-1") == PIN
    assert await world.servers.pin("app-1") is None
    assert isinstance(world.site.engine, Unasked)
    world.site.engine.outputs["servers"][0]["id"] = "another"
    world.site.forget_outputs()
    assert await world.servers.pin("db-1") is None


async def test_a_run_keeps_the_operators_files_as_it_read_them_first() -> None:
    """Who saves a file while a run is under way gets neither half of it nor a failed proof."""
    on_disk, run = {"liferaft.toml": b"before"}, Run()

    def gather() -> Blueprint:
        return Blueprint(dict(on_disk), "liferaft.toml", {})

    first = await run.described(gather)
    on_disk["liferaft.toml"] = b"after"
    assert await run.described(gather) == first
    assert (await Run().described(gather)).files == on_disk
