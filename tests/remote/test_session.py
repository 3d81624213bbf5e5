"""How an SSH connection comes about: here with a server that punishes haste."""

import asyncio
from collections.abc import Callable

import asyncssh
import pytest
from tests.remote.penalising import Penalising

from liferaft.remote import Unreachable, connect, penalties, session

from .conftest import PATIENCE, private, public

SCALE = 0.02
"""A fiftieth of all seconds, the server's and ours."""


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch, SCALE)


def hurry(monkeypatch: pytest.MonkeyPatch, scale: float) -> None:
    monkeypatch.setattr(session, "_PAUSE_SECONDS", 0.1 * scale)
    for name in ("REFUSED_SECONDS", "CLOSED_SECONDS", "MOST_SECONDS"):
        monkeypatch.setattr(penalties, name, getattr(penalties, name) * scale)


async def be_let_in(server: Penalising, keys: Callable[[str], asyncssh.SSHKey]) -> None:
    """Connect to it, however often it has to be asked."""
    async with server.listening(keys("host")):
        host = await connect(
            "127.0.0.1",
            port=server.port,
            client_key=private(keys("client")),
            host_keys=[public(keys("host"))],
            deadline=PATIENCE,
        )
        await host.close()


@pytest.mark.usefixtures("hurried")
async def test_a_server_that_does_not_know_our_key_yet_never_turns_us_away(
    keys: Callable[[str], asyncssh.SSHKey],
) -> None:
    server = Penalising(SCALE, keys("client"), takes_key=lambda attempt: attempt > 6)
    await be_let_in(server, keys)
    assert server.attempts > 6
    assert server.turned_away == 0


@pytest.mark.usefixtures("hurried")
async def test_a_server_that_turns_us_away_lets_us_in_when_its_penalty_has_run_out(
    keys: Callable[[str], asyncssh.SSHKey],
) -> None:
    server = Penalising(SCALE, keys("client"))
    server.penalise(20)
    await be_let_in(server, keys)
    assert 0 < server.turned_away <= 20 + 10 + 1, "ten at once, and then one for each second"


async def test_a_server_that_is_asked_once_and_refuses_our_key_is_heard_each_time(
    keys: Callable[[str], asyncssh.SSHKey], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an earlier question has cost us there is no silence of the server's."""
    scale = 0.2
    hurry(monkeypatch, scale)
    server = Penalising(scale, keys("client"), takes_key=lambda _: False)
    async with server.listening(keys("host")):
        for _ in range(4):
            with pytest.raises(Unreachable) as refused:
                await connect(
                    "127.0.0.1",
                    port=server.port,
                    client_key=private(keys("client")),
                    host_keys=[public(keys("host"))],
                    deadline=0.9,
                    booting=False,
                )
            assert isinstance(refused.value.__cause__, asyncssh.PermissionDenied)
    assert server.turned_away == 0


async def test_haste_would_be_punished_by_the_stand_in(
    keys: Callable[[str], asyncssh.SSHKey],
) -> None:
    server = Penalising(1.0, keys("client"), takes_key=lambda _: False)
    async with server.listening(keys("host")):
        for attempt in range(5):
            with pytest.raises((asyncssh.Error, ConnectionResetError)) as refused:
                await asyncssh.connect(
                    *("127.0.0.1", server.port),
                    known_hosts=None,
                    username="liferaft",
                    client_keys=[keys("client")],
                    config=None,
                    agent_path=None,
                )
            assert isinstance(refused.value, asyncssh.PermissionDenied) == (attempt < 4)
            await asyncio.sleep(0.1)
    assert server.turned_away == 1
