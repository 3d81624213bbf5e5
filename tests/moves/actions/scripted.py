"""A host that has its answers ready: what is tested is the action, not the host."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from liferaft.remote.contract import Command, Completed


@dataclass
class Scripted:
    """Answers by the first word of a command; whatever it was not told about succeeds silently.

    Attributes:
        says: word → (exit code, stdout, stderr).
        asked: every command, as a shell would read it.
    """

    says: Mapping[str, tuple[int, str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    address: str = "198.51.100.9"

    async def run(
        self,
        command: Command,
        *,
        stdin: bytes = b"",
        deadline: float = 60.0,
        check: bool = True,
    ) -> Completed:
        text = command if isinstance(command, str) else shlex.join(command)
        self.asked.append(text)
        code, out, err = self.says.get(text.split()[0], (0, "", ""))
        return Completed(code, out.encode(), err.encode())

    async def put(
        self, path: str, content: bytes, *, mode: int = 0o600, owner: str = "root:root"
    ) -> None:
        raise AssertionError(path)

    async def get(self, path: str) -> bytes:
        raise AssertionError(path)

    async def wait(
        self, command: Command, *, until: str, deadline: float, every: float = 0.25
    ) -> Completed:
        raise AssertionError(until)

    async def close(self) -> None:
        """Nothing is open."""
