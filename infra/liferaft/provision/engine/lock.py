"""The stack's lock, as the Pulumi CLI knows it: one file per holder; any other's file refuses."""

import json
import os
import pwd
import socket
import uuid
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from liferaft.provision.engine.faults import Locked
from liferaft.provision.engine.rows import now
from liferaft.provision.engine.storage import Storage, lock_folder


class Lock:
    """Held from `acquired` to `release`. A holder that is proven dead is no holder."""

    def __init__(self, storage: Storage, project: str, stack: str) -> None:
        self._storage = storage
        self._folder = lock_folder(project, stack)
        self._what = f"{project}/{stack}"
        self.path = f"{self._folder}/{uuid.uuid4()}.json"

    async def acquire(self) -> list[str]:
        """Take the lock, or raise `Locked` with who holds it.

        Returns what was said by dead holders' locks that were taken away.
        """
        notes = await self._clear_the_dead()
        await self._storage.write(self.path, json.dumps(_our_record()).encode())
        try:
            await self._clear_the_dead()
        except Locked:
            await self.release()
            raise
        return notes

    async def release(self) -> None:
        await self._storage.remove(self.path)

    async def _clear_the_dead(self) -> list[str]:
        notes = []
        for path in await self._storage.list(self._folder):
            content = await self._storage.read(path) if path != self.path else None
            if content is None:
                continue
            record = _parsed(content)
            who = (
                f"{record.get('username', '?')}@{record.get('hostname', '?')} "
                f"(pid {record.get('pid', '?')}) since {record.get('timestamp', '?')}"
            )
            if not _is_dead(record):
                raise Locked(
                    f"Stack {self._what} is locked by {who}.",
                    safe="Nothing was touched.",
                    do=(
                        "Wait for that operation to end. Only if its process is certainly gone, "
                        f"delete {path} at {self._storage.url} (or `pulumi cancel`), then run "
                        "the same command again."
                    ),
                    details={"lock": path, "holder": who},
                )
            await self._storage.remove(path)
            notes.append(f"took the lock over from {who}: that process is gone")
        return notes


def _our_record() -> dict[str, Any]:
    uid = os.getuid()
    user = str(uid)
    with suppress(KeyError):
        user = pwd.getpwuid(uid).pw_name
    return {
        "pid": os.getpid(),
        "username": user,
        "hostname": socket.gethostname(),
        "timestamp": now(),
        "process": _process_identity(os.getpid()),
    }


def _process_identity(pid: int) -> str:
    """What tells one process from all others, ever: boot, pid namespace, pid, start.

    Empty if it does not run. Field 22 of /proc/PID/stat is the start time in clock ticks
    (proc_pid_stat(5)); the name in field 2 may hold blanks, so fields are counted after it.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    start = stat.rsplit(")", 1)[1].split()[19]
    return f"{_namespace()}/{pid}/{start}"


def _namespace() -> str:
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return f"{boot}/{Path('/proc/self/ns/pid').readlink()}"


def _is_dead(record: Mapping[str, Any]) -> bool:
    """Proven dead: of this boot and pid namespace, and not there any more."""
    identity = str(record.get("process", ""))
    if not identity.startswith(f"{_namespace()}/"):
        return False
    return _process_identity(int(record["pid"])) != identity


def _parsed(content: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
