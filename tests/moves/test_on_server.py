"""A command on a server, for an operator who wants to look."""

import pytest
from tests.moves.actions.scripted import Scripted

from liferaft.failures import BadInput
from liferaft.moves.on_server import logs_of, run_on
from liferaft.moves.world import World


async def test_a_command_is_run_as_it_was_typed_and_its_answer_is_the_operators_to_judge(
    world: World,
) -> None:
    server = Scripted({"podman": (125, "out", "no such container")})
    world._hosts["app-1"] = server
    done = await run_on(world, "app-1", ["podman", "logs", "a b"])
    assert server.asked == ["podman logs 'a b'"]
    assert (done.exit_code, done.stdout, done.stderr) == (125, b"out", b"no such container")


async def test_a_server_that_the_site_does_not_have_is_told_with_those_that_it_has(
    world: World,
) -> None:
    with pytest.raises(BadInput, match="no server web-1") as caught:
        await run_on(world, "web-1", ["true"])
    assert "db-1, app-1" in caught.value.facts.do


def test_an_error_names_the_command_that_shows_the_logs(world: World) -> None:
    assert logs_of(world) == "liferaft exec north app-1 -- podman logs --tail 50 app_web_1"
