"""Control groups: everything of a sandbox is in one, so that it can be ended and removed whole."""

import contextlib
import hashlib
import time
from pathlib import Path

from liferaft_sandbox.failures import MachineLacks, NotReadyInTime

EMPTY_SECONDS = 60.0


def unified_hierarchy(mountinfo: Path = Path("/proc/self/mountinfo")) -> Path:
    """Where the cgroup v2 hierarchy is mounted (pure v2 and hybrid machines)."""
    for line in mountinfo.read_text().splitlines():
        before, _, after = line.partition(" - ")
        if after.split(" ", 1)[0] == "cgroup2":
            return Path(before.split(" ")[4])
    raise MachineLacks(
        "No cgroup v2 hierarchy is mounted on this machine.",
        do="mount -t cgroup2 none /sys/fs/cgroup/unified",
    )


def name_for(state: Path) -> str:
    """The group of the sandbox whose state is there: the same at every start."""
    return f"liferaft-{state.name}-{hashlib.sha256(str(state).encode()).hexdigest()[:8]}"


def end(group: Path) -> None:
    """Kill every process in `group` and below, and wait until it is empty."""
    if not group.is_dir():
        return
    (group / "cgroup.kill").write_text("1")
    deadline = time.monotonic() + EMPTY_SECONDS
    while "populated 1" in (group / "cgroup.events").read_text():
        if time.monotonic() > deadline:
            raise NotReadyInTime(
                f"Processes in {group} were killed but not gone in {EMPTY_SECONDS:.0f} s."
            )
        time.sleep(0.01)


def processes(group: Path) -> tuple[int, ...]:
    """The processes in `group` and below, as this process's namespace numbers them."""
    numbers: list[int] = []
    for listed in group.rglob("cgroup.procs"):
        with contextlib.suppress(OSError):  # a group that has just been removed
            numbers += map(int, listed.read_text().split())
    return tuple(numbers)


def remove(group: Path) -> None:
    """End `group` and remove its folders, the deepest first."""
    end(group)
    if group.is_dir():
        for folder in sorted((path for path in group.rglob("*") if path.is_dir()), reverse=True):
            folder.rmdir()
        group.rmdir()
