"""Reaching into a sandbox that a test brought up: commands in places, logins at hosts."""

import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from liferaft_sandbox.lab import cgroups
from liferaft_sandbox.lab.machines import Machine, PrivateNetwork, Rule
from liferaft_sandbox.state import State, cache_folder

COMMAND = [sys.executable, "-c", "from liferaft_sandbox.command import sandbox; sandbox()"]
EXECUTE_SECONDS = 240
SSH_SECONDS = 240
LONGEST_PATIENCE = 10
NETWORK = PrivateNetwork("vpc-1", "10.0.0.0/16")
SSH_IN = Rule("tcp", 22, 22, ("0.0.0.0/0",))


@dataclass(frozen=True)
class Key:
    """A login key and what makes a host accept it."""

    path: Path

    @property
    def user_data(self) -> bytes:
        user = {
            "name": "liferaft",
            "shell": "/bin/bash",
            "sudo": "ALL=(ALL) NOPASSWD:ALL",
            "ssh_authorized_keys": [self.path.with_suffix(".pub").read_text().strip()],
        }
        return b"#cloud-config\n" + json.dumps({"users": [user]}).encode()


def new_key(folder: Path) -> Key:
    path = folder / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    return Key(path)


def state_in(home: Path, name: str) -> State:
    return State(home / "liferaft/sandbox" / name)


def environment(home: Path) -> dict[str, str]:
    return {
        **os.environ,
        "XDG_STATE_HOME": str(home),
        "XDG_CACHE_HOME": str(cache_folder().parent),
    }


def execute(home: Path, name: str, place: str, *argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, "exec", "--name", name, place, "--", *argv],
        capture_output=True,
        text=True,
        check=False,
        timeout=EXECUTE_SECONDS,
        env=environment(home),
    )


def ssh(home: Path, name: str, key: Key, address: str, *argv: str) -> str:
    """What the host answered; waits until it accepts the key.

    Each try is more patient than the one before: under load a handshake takes its time.
    """
    deadline = time.monotonic() + SSH_SECONDS
    for patience in itertools.count(1):
        options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"]
        options += ["BatchMode=yes", f"ConnectTimeout={min(patience, LONGEST_PATIENCE)}"]
        flags = [flag for option in options for flag in ("-o", option)]
        login = ["ssh", "-i", str(key.path), *flags, f"liferaft@{address}"]
        tried = execute(home, name, "operator", *login, *argv)
        if tried.returncode == 0:
            return tried.stdout.strip()
        assert time.monotonic() < deadline, tried.stderr
        time.sleep(0.1)
    raise AssertionError("tries have no end")


def machine(key: Key, number: int, *rules: Rule) -> Machine:
    return Machine(
        id=f"i-0a{number}",
        network=NETWORK.id,
        private_address=f"10.0.0.{3 + number}",
        public_address=f"192.0.2.{100 + number}",
        hostname=f"host-{number}",
        user_data=key.user_data,
        running=True,
        rules=rules,
    )


def leftovers(state: State) -> list[str]:
    """Whatever of the sandbox can still be seen on the machine."""
    group = cgroups.unified_hierarchy() / cgroups.name_for(state.folder)
    mounts = Path("/proc/self/mountinfo").read_text()
    links = subprocess.run(["ip", "-br", "link"], capture_output=True, text=True, check=True)
    files = [str(path) for path in (group, state.folder, state.lock) if path.exists()]
    processes = [
        str(path.parent) for path in Path("/proc").glob("[0-9]*/cmdline") if mentions(path, state)
    ]
    return [
        *files,
        *processes,
        *(line for line in mounts.splitlines() if str(state.folder) in line),
        *(line for line in links.stdout.splitlines() if line.startswith(("to-", "vb-"))),
    ]


def mentions(cmdline: Path, state: State) -> bool:
    try:
        return str(state.folder).encode() in cmdline.read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False


def until(holds: Callable[[], bool], seconds: float = 120.0) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
