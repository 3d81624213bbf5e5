"""A server or a service of a site, for an operator who wants to look."""

from collections.abc import Sequence

import pytest
from tests.application import Configured
from tests.moves.actions.scripted import Scripted

from liferaft.failures import BadInput
from liferaft.moves.on_server import logs_of, run_in, run_on, show_logs
from liferaft.remote.attached import Streams
from liferaft.remote.contract import ConnectionLost, Host, Unreachable
from liferaft.site.servers import Servers
from liferaft.site.world import World


class Said:
    """What reaches the screen."""

    def __init__(self, kind: str = "") -> None:
        self.out, self.err = bytearray(), bytearray()
        self.streams = Streams(lambda _: b"", self.out.extend, self.err.extend, kind)


class Talking(Scripted):
    """A server whose programs say something and end."""

    def __init__(self, *chunks: bytes, code: int = 0) -> None:
        super().__init__()
        self.chunks, self.code = chunks, code
        self.told: list[Sequence[str]] = []

    async def attach(self, command: Sequence[str], streams: Streams) -> int:
        self.told.append(command)
        for chunk in self.chunks:
            streams.write(chunk)
        return self.code


async def test_a_command_is_run_as_it_was_typed_and_its_exit_code_is_the_operators_to_judge(
    world: World,
) -> None:
    server, said = Talking(b"no such container", code=125), Said()
    world.servers._hosts["app-1"] = server
    assert await run_on(world, "app-1", ["podman", "logs", "a b"], said.streams) == 125
    assert server.told == [["podman", "logs", "a b"]]
    assert said.out == b"no such container"


async def test_a_command_is_run_in_the_container_of_a_service_with_a_terminal_if_there_is_one(
    world: World,
) -> None:
    server = Talking()
    world.servers._hosts["app-1"] = server
    await run_in(world, "web", ["sh", "-c", "a b"], Said().streams)
    world.servers._hosts["app-1"] = server  # each command has a connection of its own
    await run_in(world, "web", ["sh"], Said("xterm").streams)
    assert server.told == [
        ["podman", "exec", "--interactive", "app_web_1", "sh", "-c", "a b"],
        ["podman", "exec", "--interactive", "--tty", "app_web_1", "sh"],
    ]


async def test_logs_of_one_server_come_as_they_are(world: World) -> None:
    server, said = Talking(b"one\nhal", b"f\n"), Said()
    world.servers._hosts["app-1"] = server
    await show_logs(world, "web", said.streams, follow=True, tail=5, since="900s")
    argv = ["podman", "logs", "--follow", "--tail", "5", "--since", "900s", "app_web_1"]
    assert server.told == [argv]
    assert said.out == b"one\nhalf\n"


async def test_lines_of_several_servers_are_whole_and_have_their_names(
    world: World, configured: Configured
) -> None:
    world.site.config = configured(('runs = ["web"]', 'runs = ["web"]\ncount = 2'))
    for name in ("app-1", "app-2"):
        world.servers._hosts[name] = Talking(b"one\nhal", b"f\n", code=int(name == "app-2"))
    said = Said()
    assert await show_logs(world, "web", said.streams) == 1, "what failed on one is told"
    assert sorted(said.out.decode().splitlines()) == [
        f"{name} | {line}" for name in ("app-1", "app-2") for line in ("half", "one")
    ]


async def test_names_that_there_are_not_are_told_with_those_that_there_are(world: World) -> None:
    with pytest.raises(BadInput, match="no server web-1") as caught:
        await run_on(world, "web-1", ["true"], Said().streams)
    assert "db-1, app-1" in caught.value.facts.do
    with pytest.raises(BadInput, match="runs a service app-1") as caught:
        await run_in(world, "app-1", ["true"], Said().streams)
    assert "Name one of: web" in caught.value.facts.do
    with pytest.raises(BadInput, match="db-1 of north runs no service web") as caught:
        await show_logs(world, "web", Said().streams, server="db-1")
    assert "Name one of: app-1" in caught.value.facts.do


class Breaking(Talking):
    """A server to which every connection breaks."""

    async def attach(self, command: Sequence[str], streams: Streams) -> int:
        raise ConnectionLost("The connection broke", do="Every step looks.")


async def test_a_connection_that_breaks_is_told_with_what_stays_and_what_to_do(
    world: World,
) -> None:
    world.servers._hosts["app-1"] = Breaking()
    with pytest.raises(ConnectionLost) as caught:
        await run_on(world, "app-1", ["journalctl"], Said().streams)
    assert "No step of a move was begun" in caught.value.facts.safe
    assert "whether it ran" in caught.value.facts.do
    assert "Every step looks" not in caught.value.facts.do, "there is none"


async def test_a_server_that_lets_nobody_in_has_run_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def shut(*_: object) -> Host:
        raise Unreachable("Waited 20 seconds for SSH", do="See the host's console.")

    monkeypatch.setattr(Servers, "host", shut)
    with pytest.raises(Unreachable) as caught:
        await run_on(world, "app-1", ["true"], Said().streams)
    assert caught.value.facts.safe.startswith("The command was not run on app-1")
    assert caught.value.facts.do == "See the host's console."


def test_an_error_names_the_command_that_shows_the_logs(world: World) -> None:
    assert logs_of(world) == "liferaft logs web --site north --tail 50"
