"""Who runs a command, told so that the same machine can see whether it still does."""

import getpass
import os
import socket
from dataclasses import dataclass
from pathlib import Path

_ENDED = ("Z", "X", "x")


@dataclass(frozen=True)
class Process:
    """A process anywhere: `user@machine`, its id, and the place where that id means something.

    `place` is the machine's boot and process namespace, `started` the process's start time in
    kernel ticks (ids are used again). Both are empty where /proc does not tell.
    """

    who: str
    pid: int
    place: str
    started: str

    @classmethod
    def this(cls) -> "Process":
        pid = os.getpid()
        who = f"{_user()}@{socket.gethostname()}"
        return cls(who, pid, _place(), _started(pid))

    def is_dead(self) -> bool:
        """Whether it surely does not run any more. False if that cannot be known from here."""
        known = bool(self.place and self.started)
        return known and self.place == _place() and self.started != _started(self.pid)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a number that no name is known of, as in a container
        return str(os.getuid())


def _place() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def _started(pid: int) -> str:
    """Field 22 of /proc/PID/stat (proc(5)); the name before it may hold spaces and brackets. Empty
    for one that has ended (field 3) and that nobody took note of."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in _ENDED else fields[19]
