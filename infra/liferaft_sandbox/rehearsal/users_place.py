"""Where users are: they work there while somebody moves the application, and read back what it
promised to keep."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from liferaft_sandbox import addresses
from liferaft_sandbox.failures import NotReadyInTime, SandboxFailed
from liferaft_sandbox.users.account import acknowledged_in
from liferaft_sandbox.users.records import FILE_NAME, answers_in

BASE = f"https://{addresses.APP_ZONE}"
WARM_WRITES = 10
WARM_SECONDS = 60.0
VERIFY_SECONDS = 30.0
"""How long the application is asked again for what it has no answer to."""
READ_BACK_SECONDS = 600.0
STOP_SECONDS = 20.0
LAST_CHARACTERS = 2000


@dataclass(frozen=True)
class UsersPlace:
    """enter: the argv that runs a command there, from the command. folder: where records are kept.
    ca_file: what users trust."""

    enter: Callable[..., Sequence[str]]
    folder: Path
    ca_file: Path

    @property
    def log(self) -> Path:
        """What users said."""
        return self.folder / "users.log"

    @contextmanager
    def at_work(
        self, seed: int, *, users: int = 12, spread: float = 0.0, slow_line: bool = False
    ) -> Iterator[Path]:
        """Users at work as long as the block runs; the file with their records, a new one. spread:
        seconds in which they come in."""
        records = self.folder / FILE_NAME
        records.unlink(missing_ok=True)
        with self.log.open("w") as log:
            process = subprocess.Popen(
                self.enter(
                    *(sys.executable, "-m", "liferaft_sandbox.users", "--base", BASE),
                    *("--resolvers", ",".join(addresses.USERS_RESOLVERS), "--seed", str(seed)),
                    *("--ca", str(self.ca_file), "--out", str(self.folder)),
                    *("--users", str(users), "--spread", str(spread)),
                    *(["--slow-line"] if slow_line else []),
                ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            yield records
        finally:
            _stop(process)

    def await_writes(self, *, count: int = WARM_WRITES, seconds: float = WARM_SECONDS) -> None:
        """Users have been promised to find so many things again. Raises NotReadyInTime."""
        deadline, records = time.monotonic() + seconds, self.folder / FILE_NAME
        while not records.exists() or len(acknowledged_in(answers_in(self.folder))) < count:
            if time.monotonic() > deadline:
                raise NotReadyInTime(
                    f"Users could not write {count} things within {seconds:.0f} s.",
                    do=f"See {records} and {self.log}.",
                )
            time.sleep(0.2)

    def read_back(self, *, seconds: float = VERIFY_SECONDS, copied: bool = False) -> dict[str, Any]:
        """What came back of all that was acknowledged. copied: nothing that is missing can still
        come. Raises SandboxFailed, NotReadyInTime."""
        out = self.folder / "survival.json"
        out.unlink(missing_ok=True)
        said = _run(
            self.enter(
                *(sys.executable, "-m", "liferaft_sandbox.users.verify", "--base", BASE),
                *("--resolver", addresses.USERS_RESOLVERS[0], "--ca", str(self.ca_file)),
                *("--answers", str(self.folder), "--out", str(out)),
                *("--seconds", str(seconds), *(["--copied"] if copied else [])),
            )
        )
        if not out.exists():
            raise SandboxFailed(
                "What users had been promised could not be read back.", details={"said": said}
            )
        found: dict[str, Any] = json.loads(out.read_text())
        return found


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """Users write their last records when they are told to stop."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        raise NotReadyInTime(f"Users did not stop within {STOP_SECONDS:.0f} s.") from None


def _run(argv: Sequence[str]) -> str:
    """The end of what a command says on standard error; its exit code does not matter."""
    try:
        run = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            text=True,
            timeout=READ_BACK_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise NotReadyInTime(
            f"Waited {READ_BACK_SECONDS:.0f} s for what users had been promised to be read back."
        ) from None
    return run.stderr[-LAST_CHARACTERS:]
