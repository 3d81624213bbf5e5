"""The stack's lock, as the Pulumi CLI knows it: one file per holder; any other's file refuses."""

import asyncio
import json
import os
import pwd
import signal
import socket
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from liferaft import liveness
from liferaft.failures import Failure
from liferaft.provision.engine.contract import LockHolder
from liferaft.provision.engine.faults import Locked
from liferaft.provision.engine.state.rows import now
from liferaft.provision.engine.state.storage import Storage, lock_folder

_SAME_SECONDS: Final = 60.0
"""A process that began so long after a lock was taken has only got the holder's number."""
ORPHAN_SECONDS: Final = 20.0
"""How long an engine whose command was killed may end what is under way: as long as its command
would have let it, had it been interrupted."""
_GONE_SECONDS: Final = 5.0


class Lock:
    """Held from `acquire` to `release`. A holder that is proven dead is no holder, and one whose
    command was killed is not for long: nobody waits for it any more.

    asked_by: the process for which this one works, if it is another one.
    """

    def __init__(
        self, storage: Storage, project: str, stack: str, *, asked_by: int | None = None
    ) -> None:
        self._storage = storage
        self._project, self._stack = project, stack
        self._asked_by = asked_by
        self.path = f"{lock_folder(project, stack)}/{uuid.uuid4()}.json"

    async def acquire(self) -> list[str]:
        """Take the lock, or raise `Locked` with who holds it.

        Returns what was said by dead holders' locks that were taken away.
        """
        notes = await self.clear_the_dead()
        await self._storage.write(self.path, json.dumps(_our_record(self._asked_by)).encode())
        try:
            await self.clear_the_dead()
        except Failure:
            await self.release()
            raise
        return notes

    async def release(self) -> None:
        await self._storage.remove(self.path)

    async def clear_the_dead(self) -> list[str]:
        """Take the locks of the proven dead away, and say so; raise `Locked` for any other's.

        An engine whose command is dead is waited for, and ended if it does not end.
        """
        notes = []
        for path, record in await _records(self._storage, self._project, self._stack):
            if path == self.path:
                continue
            if _is_orphan(record):
                await _outlast(record)
            if not _is_proven_dead(record):
                raise self._locked(_holder(path, record))
            await self._storage.remove(path)
            holder = _holder(path, record)
            notes.append(
                f"took the lock over from {holder.who} since {holder.since}: that process is gone"
            )
        return notes

    def _locked(self, holder: LockHolder) -> Locked:
        alive = {
            True: "that process runs",
            False: "that process does not run on this host any more",
            None: "whether it still works cannot be told from here",
        }[holder.alive]
        return Locked(
            f"Stack {self._project}/{self._stack} is locked by {holder.who} since {holder.since}; "
            f"{alive}.",
            safe="Nothing was touched.",
            do=(
                "Wait for that operation to end. Only if its process is certainly gone: "
                f"`liferaft state unlock {self._stack}` (or `pulumi cancel`), then run the same "
                "command again."
            ),
            details={"lock": holder.lock, "holder": holder.who, "state": self._storage.url},
        )


async def holders(storage: Storage, project: str, stack: str) -> tuple[LockHolder, ...]:
    """Who holds a stack's lock, the dead included."""
    return tuple(_holder(path, record) for path, record in await _records(storage, project, stack))


async def release_of(storage: Storage, project: str, stack: str, pid: int) -> None:
    """Take away what a process of this host held, which its caller knows to be gone."""
    ours = {"pid": pid, "hostname": socket.gethostname()}
    for path, record in await _records(storage, project, stack):
        if ours.items() <= record.items():
            await storage.remove(path)


async def _records(
    storage: Storage, project: str, stack: str
) -> Sequence[tuple[str, Mapping[str, Any]]]:
    found = []
    for path in await storage.list(lock_folder(project, stack)):
        content = None if path.endswith(".attrs") else await storage.read(path)
        if content is not None:
            found.append((path, _parsed(content)))
    return found


def _holder(path: str, record: Mapping[str, Any]) -> LockHolder:
    who = "{}@{} (pid {})".format(*(record.get(k, "?") for k in ("username", "hostname", "pid")))
    return LockHolder(path, who, str(record.get("timestamp", "?")), _is_alive(record))


def _is_orphan(record: Mapping[str, Any]) -> bool:
    """Whether it runs here, and the command that it works for surely does not."""
    holder = _process_of_here(record.get("process"))
    asker = _process_of_here(record.get("asked_by"))
    if holder is None or asker is None:
        return False
    return liveness.is_gone(*asker) and not liveness.is_gone(*holder)


async def _outlast(record: Mapping[str, Any]) -> None:
    """The holder is gone on return, unless it may not be ended by us."""
    holder = _process_of_here(record.get("process"))
    if holder is None or await _has_ended_within(record, ORPHAN_SECONDS):
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(holder[0], signal.SIGKILL)  # it leads a session of its own
    await _has_ended_within(record, _GONE_SECONDS)


async def _has_ended_within(record: Mapping[str, Any], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not _is_proven_dead(record):
        if time.monotonic() > until:
            return False
        await asyncio.sleep(0.05)
    return True


def _our_record(asked_by: int | None) -> dict[str, Any]:
    uid = os.getuid()
    user = str(uid)
    with suppress(KeyError):
        user = pwd.getpwuid(uid).pw_name
    asker = {} if asked_by is None else {"asked_by": _process_identity(asked_by)}
    return {
        "pid": os.getpid(),
        "username": user,
        "hostname": socket.gethostname(),
        "timestamp": now(),
        "process": _process_identity(os.getpid()),
        **asker,
    }


def _process_identity(pid: int) -> str:
    """What tells one process from all others, ever: boot, pid namespace, pid, start.

    Empty if it does not run.
    """
    start, place = liveness.start_ticks(pid), liveness.place()
    return "" if start is None or place is None else "/".join((*place, str(pid), str(start)))


def _process_of_here(identity: object) -> tuple[int, int] | None:
    """Id and start of the process of this identity; None unless it is of this boot and namespace,
    and so can be asked about."""
    match str(identity).split("/"):
        case [boot, namespace, pid, start] if (boot, namespace) == liveness.place():
            return (int(pid), int(start)) if pid.isdecimal() and start.isdecimal() else None
    return None


def _is_proven_dead(record: Mapping[str, Any]) -> bool:
    """Whether the record's process was of this boot and pid namespace, and is not there any
    more."""
    holder = _process_of_here(record.get("process"))
    return holder is not None and liveness.is_gone(*holder)


def _is_alive(record: Mapping[str, Any]) -> bool | None:
    """Whether the holder still runs. None for another host's.

    A lock of the Pulumi CLI tells no more than host, pid and moment. Hosts can share a name, so
    its False explains a lock; it does not break one.
    """
    if _process_of_here(record.get("process")) is not None:
        return not _is_proven_dead(record)
    if record.get("hostname") != socket.gethostname() or "process" in record:
        return None
    try:
        pid, since = int(record["pid"]), datetime.fromisoformat(str(record["timestamp"]))
        ticks = liveness.start_ticks(pid)
    except (KeyError, ValueError, PermissionError):
        return None
    if ticks is None:
        return False
    began = _boot_time() + ticks / os.sysconf("SC_CLK_TCK")
    return began <= since.timestamp() + _SAME_SECONDS


def _boot_time() -> float:
    """Seconds since 1970 (`btime` in proc_stat(5))."""
    rows = dict(line.split(" ", 1) for line in Path("/proc/stat").read_text().splitlines())
    return float(rows["btime"])


def _parsed(content: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
