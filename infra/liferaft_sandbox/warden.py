"""`python -m liferaft_sandbox.warden LOCK STATE_FOLDER [PID …]`: cleans up behind a lab.

It starts the lab, and ends it when told (SIGTERM), when the lab ends by itself, or when one of the
given processes ends. Then it removes what outlives processes: control groups and the state folder.
Killed itself, it takes the lab with it; the next start of that name removes the leftovers.
"""

import contextlib
import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from liferaft_sandbox.lab import cgroups
from liferaft_sandbox.lab.processes import Process, Processes
from liferaft_sandbox.state import State
from liferaft_sandbox.whole import Plan

ENDED_SECONDS = 60.0
LAST_LINES = 15
JOIN = 'echo $$ > "$1/cgroup.procs"; shift; exec "$@"'


def hold(state: State) -> IO[str] | None:
    """The sandbox's lock, held until the file is closed; None while somebody else holds it.

    The file goes when the sandbox goes, so what was locked must still be what is there.
    """
    state.lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    while True:
        held = state.lock.open("w")
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            held.close()
            return None
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(held.fileno()), state.lock.stat()):
                return held
        held.close()


def remove_leftovers(state: State) -> None:
    """Make nothing of the sandbox be left but its lock: processes, control groups, files.

    For the holder of the lock.
    """
    cgroups.remove(cgroups.unified_hierarchy() / cgroups.name_for(state.folder))
    if state.folder.exists():
        shutil.rmtree(state.folder)


def start_lab(state: State, plan: Plan) -> subprocess.Popen[bytes]:
    """The lab in namespaces of its own; it dies with this process."""
    group = cgroups.unified_hierarchy() / plan.group / "lab"
    group.mkdir(parents=True)
    namespaces = ("--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc")
    with (state.folder / "supervisor.log").open("ab") as said:
        return subprocess.Popen(
            [
                *("sh", "-c", JOIN, "sh", str(group), "setpriv", "--pdeathsig", "KILL"),
                *("unshare", *namespaces, "--propagation", "private"),
                *(sys.executable, "-m", "liferaft_sandbox.supervisor", str(state.folder)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
        )


def wait_for_an_end(lab: subprocess.Popen[bytes], others: Iterable[int]) -> None:
    """Return when the lab ends, any of the other processes ends, or SIGTERM or SIGINT arrives."""
    reading, writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(writing)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    watched = [reading]
    for process in (lab.pid, *others):
        try:
            watched.append(os.pidfd_open(process))
        except ProcessLookupError:
            return
    poll = select.poll()
    for descriptor in watched:
        poll.register(descriptor, select.POLLIN)
    poll.poll()


def why(state: State) -> str | None:
    """The lab's own account of why it could not come up, else its last lines; None if it was up."""
    if state.failure.exists():
        return state.failure.read_text()
    if state.facts.exists():
        return None
    said = (state.folder / "supervisor.log").read_text(errors="replace").splitlines()
    happened = "The sandbox ended while it was coming up."
    details = {"said": "\n".join(said[-LAST_LINES:])}
    return json.dumps({"happened": happened, "do": "", "details": details})


def main(lock: int, folder: Path, others: list[int]) -> None:
    """Hold the sandbox until it should end. `lock` is the held lock's inherited descriptor."""
    state = State(folder)
    os.set_inheritable(lock, False)
    lab = start_lab(state, Plan.read(state.folder / "plan.json"))
    Processes(Process.of(os.getpid()), Process.of(lab.pid)).write(state.warden)
    try:
        wait_for_an_end(lab, others)
    finally:
        by_itself = lab.poll() is not None
        with contextlib.suppress(ProcessLookupError):
            lab.kill()
        lab.wait(ENDED_SECONDS)
        failed = why(state) if by_itself else None
        remove_leftovers(state)
        if failed is not None:
            # The command that started the lab reads it, and takes it away.
            state.folder.mkdir(mode=0o700)
            state.failure.write_text(failed)
        state.lock.unlink()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), [int(process) for process in sys.argv[3:]])
