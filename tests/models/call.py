"""A program that runs on a modelled host: what it is told, and where it reads and writes."""

import posixpath
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from liferaft.remote.contract import OUTPUT_LIMIT

if TYPE_CHECKING:
    from tests.models.machine import Machine

NOT_FOUND = 127


class Late(Exception):
    """A command has run for as long as it may."""


class Flood(Exception):
    """A command has written more than anybody takes."""


@dataclass
class Source:
    """What a command reads; whoever reads takes it away."""

    content: bytes = b""

    def rest(self) -> bytes:
        taken, self.content = self.content, b""
        return taken


@dataclass
class Sink:
    """What a command writes to."""

    content: bytearray = field(default_factory=bytearray)

    def write(self, content: bytes) -> None:
        self.content += content
        if len(self.content) > OUTPUT_LIMIT:
            raise Flood


@dataclass
class Timer:
    """How long a command runs, by the modelled clock: nobody waits for it."""

    machine: "Machine"
    left: float

    def spend(self, seconds: float) -> None:
        """Raises Late."""
        spent = min(seconds, self.left)
        self.machine.clock += spent
        self.left -= spent
        if self.left <= 0:
            raise Late


@dataclass
class Call:
    """A program that runs: what it is told, and where it reads and writes."""

    machine: "Machine"
    argv: Sequence[str]
    stdin: Source
    out: Sink
    err: Sink
    timer: Timer
    folder: str = "/"
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.argv[0]

    @property
    def arguments(self) -> list[str]:
        return list(self.argv[1:])

    def say(self, text: str) -> None:
        self.out.write(text.encode())

    def complain(self, text: str, code: int = 1) -> int:
        self.err.write(f"{self.name}: {text}\n".encode())
        return code

    def refuse(self) -> int:
        """The model does not know this use of the program, and says yes to nothing by accident."""
        self.machine.refused.append(" ".join(self.argv))
        return self.complain(f"not modelled: {' '.join(self.argv)}", NOT_FOUND)

    def path(self, name: str) -> str:
        return posixpath.normpath(posixpath.join(self.folder, name))

    async def run(self, argv: Sequence[str], stdin: Source | None = None) -> int:
        """Another program in the place of this one."""
        return await self.machine.program(replace(self, argv=argv, stdin=stdin or self.stdin))


Program = Callable[[Call], Awaitable[int]]
