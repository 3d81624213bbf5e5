"""An operator's desk in a sandbox: commands that can be watched, killed and interrupted."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from liferaft_sandbox.rehearsal.users_place import UsersPlace
from liferaft_sandbox.sandboxes import Sandbox

LIFERAFT = (sys.executable, "-m", "liferaft_cli")
COMMAND_SECONDS = 900.0
SAMPLE_SECONDS = 0.25


@dataclass
class Running:
    """A command under way. `said` is everything that it wrote so far."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def said(self) -> str:
        return self.log.read_text()

    def until(self, *words: str) -> None:
        """Returns when a line with all these words was written."""
        end = time.monotonic() + COMMAND_SECONDS
        while not any(all(w in line for w in words) for line in self.said.splitlines()):
            assert self.process.poll() is None, f"ended before it said {words}:\n{self.said}"
            assert time.monotonic() < end, f"never said {words}:\n{self.said}"
            time.sleep(0.02)

    def ended(self) -> int:
        """Its exit code."""
        return self.process.wait(COMMAND_SECONDS)

    def kill(self) -> None:
        """SIGKILL to all of it, the engine's process included, and nothing of it is left."""
        victims = descendants(self.process.pid)
        for victim in victims:
            with suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
        self.ended()

    def interrupt(self) -> int:
        """Ctrl-C: SIGINT to the whole foreground group. Its exit code."""
        engines = [pid for pid in descendants(self.process.pid) if b"embedded.child" in argv(pid)]
        os.killpg(self.process.pid, signal.SIGINT)
        code = self.ended()
        assert not [pid for pid in engines if argv(pid)], "the engine's process lingers"
        return code


@dataclass
class Desk:
    """Where commands are given: the application's folder, in the operator's place."""

    sandbox: str
    folder: Path
    state: Path
    runs: int = 0
    seen: set[bytes] = field(default_factory=set)
    """Command lines of all processes of the machine, while `watching`."""

    def start(self, *arguments: str, **variables: str) -> Running:
        """Begin `liferaft ARGUMENTS`, with these variables set besides the operator's own."""
        self.runs += 1
        log = self.folder.parent / f"{self.runs:03d}-{arguments[0]}.log"
        setting = [f"{name}={value}" for name, value in variables.items()]
        command = [
            "env",
            "--default-signal=INT",
            f"XDG_STATE_HOME={self.state}",
            *setting,
            *LIFERAFT,
            *arguments,
        ]
        with log.open("wb") as out:
            process = subprocess.Popen(
                self.argv(*command),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        return Running(process, log)

    def run(self, *arguments: str, **variables: str) -> tuple[int, str]:
        """Run it to its end: its exit code, and what it said."""
        running = self.start(*arguments, **variables)
        return running.ended(), running.said

    def status(self) -> dict[str, Any]:
        """What `liferaft status` tells, which must work at any moment."""
        return self.ask("status")

    def ask(self, *command: str) -> dict[str, Any]:
        """The JSON of its answer. A vault that is not complete is told before, on stderr."""
        code, said = self.run(*command, "--json")
        assert code == 0, said
        found: dict[str, Any] = json.loads(said[said.index("{") :])
        return found

    def script(self, path: Path, *arguments: str) -> Any:
        """The JSON that a Python script prints, run with the operator's environment."""
        ran = subprocess.run(
            self.argv(sys.executable, str(path), *arguments),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=COMMAND_SECONDS,
        )
        assert ran.returncode == 0, ran.stderr.decode()
        return json.loads(ran.stdout)

    def argv(self, *command: str, place: str = "operator") -> list[str]:
        return [*LIFERAFT, "sandbox", "exec", "--name", self.sandbox, place, "--", *command]

    def users(self, sandbox: Sandbox) -> UsersPlace:
        """Users of the application, with their records beside its folder."""
        enter, ca_file = partial(self.argv, place="users"), Path(sandbox.facts["ca_file"])
        return UsersPlace(enter, self.folder.parent, ca_file)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Remember every command line that any process of the machine is seen with."""
        over = threading.Event()

        def watch() -> None:
            while not over.wait(SAMPLE_SECONDS):
                self.seen.update(argv(pid) for pid in processes())

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def argv(pid: int) -> bytes:
    """The command line of a process; empty if it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def descendants(pid: int) -> list[int]:
    """Children, their children and so on: the engine's process is in a session of its own."""
    parents = {one: _parent(one) for one in processes()}
    found, frontier = [], [pid]
    while frontier:
        frontier = [one for one, parent in parents.items() if parent in frontier]
        found += frontier
    return found


def _parent(pid: int) -> int:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0
    return int(stat.rpartition(")")[2].split()[1])
