"""Processes of a sandbox that other processes must find again, told apart from later namesakes."""

import json
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True)
class Process:
    """A process by its number and the clock tick it began at: numbers alone are used again."""

    number: int
    began: str

    @classmethod
    def of(cls, number: int) -> Self:
        """The running process of that number. Raises FileNotFoundError when there is none."""
        return cls(number, _began(number))

    def lives(self) -> bool:
        """Whether it has not ended."""
        try:
            return _began(self.number) == self.began
        except (FileNotFoundError, ProcessLookupError):
            return False

    def end(self) -> None:
        """Ask it to end, if it lives."""
        if self.lives():
            os.kill(self.number, signal.SIGTERM)


def _began(number: int) -> str:
    """Raises FileNotFoundError when it has ended, collected by its parent or not."""
    # proc(5): the 22nd field; the name before it may hold spaces and parentheses.
    fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    if fields[0] in "ZX":
        raise FileNotFoundError(number)
    return fields[19]


@dataclass(frozen=True)
class Processes:
    """The two that stand for a sandbox."""

    warden: Process
    lab: Process
    """unshare, which holds the lab's namespaces."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """The inverse of `write`. Raises FileNotFoundError."""
        said = json.loads(path.read_text())
        return cls(Process(*said["warden"]), Process(*said["lab"]))

    def write(self, path: Path) -> None:
        """Whole or not at all."""
        said = {
            "warden": [self.warden.number, self.warden.began],
            "lab": [self.lab.number, self.lab.began],
        }
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps(said))
        partial.rename(path)
