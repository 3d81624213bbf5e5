"""The stack's lock."""

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from liferaft.provision.engine.contract import StateLocation
from liferaft.provision.engine.faults import Locked, StateUnreachable
from liferaft.provision.engine.state import lock as locks
from liferaft.provision.engine.state.lock import Lock, holders
from liferaft.provision.engine.state.storage import Storage


def storage(tmp_path: Path) -> Storage:
    return Storage(StateLocation(f"file://{tmp_path}/state"))


async def test_a_held_lock_refuses_and_says_who_when_and_what_to_do(tmp_path: Path) -> None:
    first, second = (Lock(storage(tmp_path), "golden", "dev") for _ in range(2))
    await first.acquire()
    with pytest.raises(Locked) as locked:
        await second.acquire()
    facts = locked.value.facts
    assert "golden/dev is locked by" in facts.happened
    assert "that process runs" in facts.happened
    assert "liferaft state unlock dev" in facts.do
    assert facts.details["lock"] == first.path
    await first.release()
    assert await second.acquire() == []


async def test_another_stacks_lock_is_no_hindrance(tmp_path: Path) -> None:
    await Lock(storage(tmp_path), "golden", "dev").acquire()
    await Lock(storage(tmp_path), "golden", "prod").acquire()


async def test_the_lock_of_a_process_that_is_proven_dead_is_taken_over(tmp_path: Path) -> None:
    place = storage(tmp_path)
    holder = await asyncio.create_subprocess_exec("cat", stdin=asyncio.subprocess.PIPE)
    record = {"pid": holder.pid, "username": "u", "hostname": "h", "timestamp": "t"}
    record["process"] = locks._process_identity(holder.pid)
    dead = Lock(place, "golden", "dev")
    await place.write(dead.path, json.dumps(record).encode())
    with pytest.raises(Locked):
        await Lock(place, "golden", "dev").acquire()
    await holder.communicate(b"")
    (note,) = await Lock(place, "golden", "dev").acquire()
    assert note == f"took the lock over from u@h (pid {holder.pid}) since t: that process is gone"
    assert await place.read(dead.path) is None


async def process() -> asyncio.subprocess.Process:
    """One that runs until its input ends."""
    return await asyncio.create_subprocess_exec(
        "cat", stdin=asyncio.subprocess.PIPE, start_new_session=True
    )


@pytest.fixture
async def orphaned(tmp_path: Path) -> AsyncIterator[tuple[Lock, asyncio.subprocess.Process]]:
    """A lock that an engine holds whose command was killed; that engine."""
    place = storage(tmp_path)
    engine, command = await process(), await process()
    record = {"pid": engine.pid, "username": "u", "hostname": "h", "timestamp": "t"}
    record["process"] = locks._process_identity(engine.pid)
    record["asked_by"] = locks._process_identity(command.pid)
    held = Lock(place, "golden", "dev")
    await place.write(held.path, json.dumps(record).encode())
    with pytest.raises(Locked, match="that process runs"):
        await Lock(place, "golden", "dev").acquire()
    command.kill()
    await command.wait()
    yield held, engine
    with suppress(ProcessLookupError):
        engine.kill()
    await engine.communicate()


async def test_an_engine_whose_command_was_killed_is_waited_for(
    tmp_path: Path, orphaned: tuple[Lock, asyncio.subprocess.Process]
) -> None:
    held, engine = orphaned
    place = storage(tmp_path)
    taking = asyncio.create_task(Lock(place, "golden", "dev").acquire())
    await asyncio.wait([taking], timeout=0.2)
    assert not taking.done()
    assert await place.read(held.path) is not None
    assert engine.stdin
    engine.stdin.close()
    async with asyncio.timeout(60):
        assert "that process is gone" in (await taking)[0]
    assert await engine.wait() == 0


async def test_an_engine_whose_command_was_killed_and_that_does_not_end_is_ended(
    tmp_path: Path,
    orphaned: tuple[Lock, asyncio.subprocess.Process],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As its command would have done: nobody else would."""
    monkeypatch.setattr(locks, "ORPHAN_SECONDS", 0.1)
    _, engine = orphaned
    (note,) = await Lock(storage(tmp_path), "golden", "dev").acquire()
    assert "that process is gone" in note
    assert await engine.wait() == -9


@pytest.mark.parametrize("record", [b"{}", b"cut", b'{"pid": 1, "process": "other-boot/ns/1/2"}'])
async def test_a_lock_that_proves_nothing_is_honoured(record: bytes, tmp_path: Path) -> None:
    place = storage(tmp_path)
    await place.write(Lock(place, "golden", "dev").path, record)
    with pytest.raises(Locked):
        await Lock(place, "golden", "dev").acquire()


def cli_lock(**changes: object) -> bytes:
    """As the Pulumi CLI writes it (pkg/backend/diy/lock.go), nanoseconds included."""
    moment = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.123456789Z"
    record = {"pid": os.getpid(), "username": "u", "hostname": socket.gethostname()}
    return json.dumps({**record, "timestamp": moment, **changes}).encode()


async def alive(place: Storage, content: bytes) -> bool | None:
    await place.write(Lock(place, "golden", "dev").path, content)
    (holder,) = await holders(place, "golden", "dev")
    await place.remove(holder.lock)
    return holder.alive


async def test_of_a_lock_of_the_cli_it_is_told_whether_its_process_runs(tmp_path: Path) -> None:
    place = storage(tmp_path)
    long_ago = f"{datetime.now(UTC) - timedelta(days=9000):%Y-%m-%dT%H:%M:%S}Z"
    assert await alive(place, cli_lock()) is True
    assert await alive(place, cli_lock(pid=2**22 + 1)) is False
    assert await alive(place, cli_lock(timestamp=long_ago)) is False  # a new one with its number
    assert await alive(place, cli_lock(hostname="elsewhere")) is None
    assert await alive(place, b"cut") is None


async def test_a_lock_of_the_cli_is_honoured_though_its_process_is_gone(tmp_path: Path) -> None:
    place = storage(tmp_path)
    await place.write(Lock(place, "golden", "dev").path, cli_lock(pid=2**22 + 1))
    with pytest.raises(Locked, match="does not run on this host any more"):
        await Lock(place, "golden", "dev").acquire()


class Flaky(Storage):
    """A store whose second listing is refused."""

    lists = 0

    async def list(self, folder: str) -> list[str]:
        self.lists += 1
        if self.lists == 2:
            raise StateUnreachable("listing failed")
        return await super().list(folder)


async def test_who_cannot_look_around_after_taking_the_lock_gives_it_back(tmp_path: Path) -> None:
    flaky = Flaky(StateLocation(f"file://{tmp_path}/state"))
    with pytest.raises(StateUnreachable):
        await Lock(flaky, "golden", "dev").acquire()
    assert await holders(flaky, "golden", "dev") == ()
