"""Who runs a command, told so that the same machine can see whether it still does."""

import getpass
import os
import socket
from dataclasses import dataclass

from liferaft import liveness


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
        known = bool(self.place) and self.started.isdecimal() and self.place == _place()
        return known and liveness.is_gone(self.pid, int(self.started))


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a number that no name is known of, as in a container
        return str(os.getuid())


def _place() -> str:
    return " ".join(liveness.place() or ())


def _started(pid: int) -> str:
    ticks = liveness.start_ticks(pid)
    return "" if ticks is None else str(ticks)
