"""Whether a process still runs, as /proc tells those of the same machine.

Its id alone does not tell: ids are used again, and every boot and every container counts its own.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

_ENDED: Final = ("Z", "X", "x")
"""States of a process that does nothing any more."""


def place() -> tuple[str, str] | None:
    """Where ids mean what they mean here: this boot, and this namespace of processes.

    None where /proc does not tell.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return boot, str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return None


def start_ticks(pid: int) -> int | None:
    """Clock ticks from the boot to the start of a process of this place.

    None if it does not run, or has ended and nobody took note. Raises PermissionError for one that
    is there and that /proc does not show to us.

    Fields 22 and 3 of /proc/PID/stat (proc_pid_stat(5)); the name in field 2 may hold blanks and
    brackets, so fields are counted after it.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        with suppress(ProcessLookupError, OverflowError):
            os.kill(pid, 0)  # with `hidepid=2` /proc says of another user's that it is not there
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in _ENDED else int(fields[19])


def is_gone(pid: int, started: int) -> bool:
    """Whether the process of this place that has this id and began then surely runs no more.

    started: as `start_ticks` said it.
    """
    try:
        return start_ticks(pid) != started
    except PermissionError:
        return False
