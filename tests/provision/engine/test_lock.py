"""The stack's lock."""

import asyncio
import json
from pathlib import Path

import pytest

from liferaft.provision.engine import lock as locks
from liferaft.provision.engine.contract import StateLocation
from liferaft.provision.engine.faults import Locked
from liferaft.provision.engine.lock import Lock
from liferaft.provision.engine.storage import Storage


def storage(tmp_path: Path) -> Storage:
    return Storage(StateLocation(f"file://{tmp_path}/state"))


async def test_a_held_lock_refuses_and_says_who_when_and_what_to_do(tmp_path: Path) -> None:
    first, second = (Lock(storage(tmp_path), "golden", "dev") for _ in range(2))
    await first.acquire()
    with pytest.raises(Locked) as locked:
        await second.acquire()
    facts = locked.value.facts
    assert "golden/dev is locked by" in facts.happened
    assert f"delete {first.path}" in facts.do
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


@pytest.mark.parametrize("record", [b"{}", b"cut", b'{"pid": 1, "process": "other-boot/ns/1/2"}'])
async def test_a_lock_that_proves_nothing_is_honoured(record: bytes, tmp_path: Path) -> None:
    place = storage(tmp_path)
    await place.write(Lock(place, "golden", "dev").path, record)
    with pytest.raises(Locked):
        await Lock(place, "golden", "dev").acquire()
