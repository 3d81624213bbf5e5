"""What can be done on a host, and how it fails."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from liferaft.failures import DeadlinePassed, Failure, Refused

Command = Sequence[str] | str
"""An argument list, or the text of a bash script (run with `-euo pipefail`)."""


@dataclass(frozen=True)
class Completed:
    """A command that ended. Output is kept out of `repr`: it may hold secrets."""

    exit_code: int
    stdout: bytes = field(repr=False)
    stderr: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """The output as text, without white space around it."""
        return self.stdout.decode(errors="replace").strip()


class Host(Protocol):
    """One host, on which everything is done as root. A lost connection is made anew by itself."""

    @property
    def address(self) -> str: ...

    async def run(
        self,
        command: Command,
        *,
        stdin: bytes = b"",
        deadline: float = 60.0,
        check: bool = True,
    ) -> Completed:
        """Run a command to its end, at most `deadline` seconds; then it is killed on the host.

        A secret goes to `stdin` only: arguments and scripts are visible to the host's processes.
        Raises CommandFailed on an exit code other than 0 (if `check`), with the end of its stderr;
        DeadlinePassed; ConnectionLost, when it is not known whether the command ran.
        """
        ...

    async def put(
        self, path: str, content: bytes, *, mode: int = 0o600, owner: str = "root:root"
    ) -> None:
        """The file is there with this content, mode and owner, its folder made (0700) if need be.

        Atomic and durable: readers see the old file or the new one, also after a power cut.
        """
        ...

    async def get(self, path: str) -> bytes:
        """The content of a file of at most OUTPUT_LIMIT bytes. Raises CommandFailed."""
        ...

    async def wait(
        self, command: Command, *, until: str, deadline: float, every: float = 0.25
    ) -> Completed:
        """Run a probing command until it exits 0. `until` completes "waited for …".

        Raises DeadlinePassed with the end of the last attempt's stderr.
        """
        ...

    async def close(self) -> None: ...


OUTPUT_LIMIT = 8 * 1024**2
"""A command that writes more bytes than this is killed: nothing here needs more."""


class HostKeyMismatch(Refused):
    """The host shows another key than the pinned one: another machine, or one in the middle."""


class Unreachable(DeadlinePassed):
    """No SSH connection came about within the deadline."""


class ConnectionLost(Failure):
    """The connection broke while a command was under way; it may or may not have run."""


class CommandFailed(Failure):
    """A command on a host ended with another exit code than 0."""

    def __init__(self, happened: str, exit_code: int | None, *, details: dict[str, str]) -> None:
        super().__init__(happened, details=details)
        self.exit_code = exit_code
