"""A command on a server, for an operator who wants to look."""

import pytest
from tests.moves.actions.scripted import Scripted

from liferaft.failures import BadInput, DeadlinePassed, Failure
from liferaft.moves.on_server import logs_of, run_on
from liferaft.remote.contract import (
    CommandFailed,
    Completed,
    ConnectionLost,
    Host,
    Unreachable,
)
from liferaft.site.servers import Servers
from liferaft.site.world import World


async def test_a_command_is_run_as_it_was_typed_and_its_answer_is_the_operators_to_judge(
    world: World,
) -> None:
    server = Scripted({"podman": (125, "out", "no such container")})
    world.servers._hosts["app-1"] = server
    done = await run_on(world, "app-1", ["podman", "logs", "a b"])
    assert server.asked == ["podman logs 'a b'"]
    assert (done.exit_code, done.stdout, done.stderr) == (125, b"out", b"no such container")


async def test_a_server_that_the_site_does_not_have_is_told_with_those_that_it_has(
    world: World,
) -> None:
    with pytest.raises(BadInput, match="no server web-1") as caught:
        await run_on(world, "web-1", ["true"])
    assert "db-1, app-1" in caught.value.facts.do


class Failing(Scripted):
    """A server at which no command ends as it should."""

    def __init__(self, failure: Failure) -> None:
        super().__init__()
        self.failure = failure

    async def run(self, *_: object, **__: object) -> Completed:
        raise self.failure


@pytest.mark.parametrize(
    ("failure", "way_on"),
    [
        (DeadlinePassed("It did not end within 600 seconds and was killed"), "systemd-run"),
        (CommandFailed("It wrote more than 8 MiB and was ended", None, details={}), "`tail`"),
        (ConnectionLost("The connection broke", do="Every step looks."), "whether it ran"),
    ],
)
async def test_a_command_that_does_not_end_is_told_with_what_stays_and_what_to_do(
    world: World, failure: Failure, way_on: str
) -> None:
    world.servers._hosts["app-1"] = Failing(failure)
    with pytest.raises(type(failure), match=str(failure)) as caught:
        await run_on(world, "app-1", ["journalctl"])
    assert "No step of a move was begun" in caught.value.facts.safe
    assert way_on in caught.value.facts.do
    assert "Every step looks" not in caught.value.facts.do, "there is none"


async def test_a_server_that_lets_nobody_in_has_run_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def shut(*_: object) -> Host:
        raise Unreachable("Waited 20 seconds for SSH", do="See the host's console.")

    monkeypatch.setattr(Servers, "host", shut)
    with pytest.raises(Unreachable) as caught:
        await run_on(world, "app-1", ["true"])
    assert caught.value.facts.safe.startswith("The command was not run on app-1")
    assert caught.value.facts.do == "See the host's console."


def test_an_error_names_the_command_that_shows_the_logs(world: World) -> None:
    assert logs_of(world) == "liferaft exec north app-1 -- podman logs --tail 50 app_web_1"
