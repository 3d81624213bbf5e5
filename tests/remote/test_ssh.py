import asyncio
import errno
import itertools
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import asyncssh
import pytest

from liferaft.failures import BadInput, DeadlinePassed
from liferaft.remote import (
    Completed,
    ConnectionLost,
    Host,
    HostKeyMismatch,
    Unreachable,
    connect,
    session,
)

from .conftest import PATIENCE, Served, connected, private, public

Keys = Callable[[str], asyncssh.SSHKey]


async def holds(condition: Callable[[], object]) -> None:
    """Wait for it."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110  # files and other libraries set no Event
            await asyncio.sleep(0.01)


async def test_a_command_past_its_deadline_is_killed_on_the_host(
    served: Served, host: Host, tmp_path: Path
) -> None:
    with pytest.raises(DeadlinePassed, match="did not end within 0"):
        await host.run(f"sleep 600; touch {tmp_path}/late", deadline=0.3)
    await holds(lambda: not served.serving)  # so long as anything of it runs, its output is open
    assert not (tmp_path / "late").exists()


async def test_a_question_that_hangs_at_the_end_hides_neither_the_wait_nor_the_last_answer(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([Completed(2, b"", b"no socket")])

    async def run(*_: object, deadline: float, **__: object) -> Completed:
        if answer := next(answers, None):
            return answer
        raise DeadlinePassed(f"`probe` did not end within {deadline:g} seconds and was killed")

    monkeypatch.setattr(host, "run", run)
    with pytest.raises(DeadlinePassed, match="Waited 60 seconds for PostgreSQL on") as caught:
        await host.wait("probe", until="PostgreSQL", deadline=PATIENCE, every=0.01)
    assert caught.value.facts.details["stderr"] == "no socket"
    assert "`probe` did not end" in caught.value.facts.details["asked"]


async def test_a_last_attempt_that_is_cut_short_does_not_hide_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    attempts = iter([ConnectionRefusedError(errno.ECONNREFUSED, "refused")])

    async def attempt(*_: object, **__: object) -> None:
        if error := next(attempts, None):
            raise error
        await asyncio.sleep(PATIENCE)

    monkeypatch.setattr(asyncssh, "connect", attempt)
    key = asyncssh.generate_private_key("ssh-ed25519")
    with pytest.raises(Unreachable, match="connection refused"):
        await connect(
            "127.0.0.1", port=1, client_key=private(key), host_keys=[public(key)], deadline=0.5
        )


async def test_commands_run_side_by_side_on_one_connection(
    served: Served, host: Host, tmp_path: Path
) -> None:
    (tmp_path / "begun").mkdir()
    all_have_begun = f'until [ "$(ls {tmp_path}/begun | wc -l)" = 6 ]; do sleep 0.05; done'
    await asyncio.gather(
        *(host.run(f"touch {tmp_path}/begun/{n}; {all_have_begun}") for n in range(6))
    )
    assert len(served.connections) == 1


async def test_a_host_that_boots_is_waited_for(served: Served, asked: list[str]) -> None:
    connecting = asyncio.create_task(connected(served))
    await holds(lambda: asked)
    async with served.listening():
        host = await connecting
        assert (await host.run(["echo", "up"])).text == "up"
        await host.close()


async def test_a_host_that_never_answers_is_given_up_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, asked: list[str]
) -> None:
    twenty_seconds_for_each_look = itertools.count(0, 20).__next__
    clock = SimpleNamespace(monotonic=twenty_seconds_for_each_look)
    monkeypatch.setattr(session, "time", clock)
    key = asyncssh.generate_private_key("ssh-ed25519")
    with pytest.raises(Unreachable, match=r"Waited 100 seconds for SSH as liferaft.*refused"):
        await connect(
            "127.0.0.1", port=1, client_key=private(key), host_keys=[public(key)], deadline=100
        )
    assert len(asked) == 2


async def test_a_host_that_is_not_booting_is_asked_once_and_the_cause_is_kept(
    asked: list[str],
) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    with pytest.raises(Unreachable, match=r"Asked once for SSH.*refused") as caught:
        await connect(
            "127.0.0.1",
            port=1,
            client_key=private(key),
            host_keys=[public(key)],
            deadline=PATIENCE,
            booting=False,
        )
    assert len(asked) == 1
    assert isinstance(caught.value.__cause__, ConnectionRefusedError)


async def test_root_itself_needs_no_sudo(served: Served) -> None:
    (served.folder / "sudo").unlink()
    async with served.listening():
        host = await connect(
            "127.0.0.1",
            port=served.port,
            client_key=private(served.client_key),
            host_keys=[public(served.host_key)],
            deadline=PATIENCE,
            user="root",
        )
        assert (await host.run(["echo", "up"])).text == "up"
        await host.close()


async def test_a_server_in_the_middle_is_refused_at_once(
    served: Served, keys: Keys, asked: list[str]
) -> None:
    middle = Served(served.folder, keys("middle"), served.client_key)
    async with middle.listening():
        served.port = middle.port
        with pytest.raises(HostKeyMismatch):
            await connected(served)
    assert len(asked) == 1
    assert len(middle.connections) == 0, "nobody logged in"


async def test_a_key_of_another_kind_in_the_middle_is_refused_too(served: Served) -> None:
    key = asyncssh.generate_private_key("ecdsa-sha2-nistp256")
    async with Served(served.folder, key, served.client_key).listening() as middle:
        served.port = middle.port
        with pytest.raises(HostKeyMismatch):
            await connected(served)


async def test_a_host_without_a_pinned_key_is_not_even_tried() -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    with pytest.raises(BadInput, match="no pinned host key"):
        await connect("127.0.0.1", client_key=private(key), host_keys=[], deadline=1)


async def test_a_lost_connection_is_made_anew_for_the_next_command(
    served: Served, host: Host
) -> None:
    served.connections[-1].abort()
    await asyncio.sleep(0.1)
    answers = await asyncio.gather(*(host.run(["echo", "again"]) for _ in range(3)))
    assert [done.text for done in answers] == ["again"] * 3
    assert len(served.connections) == 2, "one new connection serves all"


async def test_a_connection_lost_under_way_is_told_as_unknown(
    served: Served, host: Host, tmp_path: Path
) -> None:
    running = asyncio.create_task(host.run(f"touch {tmp_path}/begun; sleep 30"))
    await holds((tmp_path / "begun").exists)
    served.connections[-1].abort()
    with pytest.raises(ConnectionLost, match=r"broke during `touch .*; sleep 30`"):
        await running


async def test_a_reconnection_is_held_to_the_pinned_key_as_well(served: Served, keys: Keys) -> None:
    async with served.listening():
        host = await connected(served)
    async with Served(served.folder, keys("other"), served.client_key, served.port).listening():
        with pytest.raises(HostKeyMismatch):
            await host.run(["true"])
