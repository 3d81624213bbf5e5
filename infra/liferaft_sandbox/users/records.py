"""What one request of one user came to, and the durable file of such records."""

import asyncio
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Self

FILE_NAME = "answers.jsonl"
FLUSH_SECONDS = 0.2


class Kind(StrEnum):
    """What a request was for."""

    READ = "read"
    WRITE = "write"
    UPLOAD = "upload"
    LOGIN = "login"


@dataclass(frozen=True)
class Written:
    """Something the application promised to keep: where it is, and the digest of its content."""

    path: str
    sha256: str


@dataclass(frozen=True)
class Answer:
    """One request. Times are Unix seconds on a clock that does not jump during one run."""

    user: str
    resolver: str
    kind: Kind
    path: str
    start: float
    end: float
    address: str | None
    """What the resolver said; None if it said nothing."""
    status: int | None
    """HTTP's; None if no answer came."""
    holding: bool
    """Whether the answer is liferaft's holding page."""
    error: str | None
    """Why there is no answer, or why one is not what was asked for."""
    written: tuple[Written, ...] = ()
    """What the answer acknowledges."""

    @property
    def is_good(self) -> bool:
        """Whether the user got what was asked for."""
        return self.status is not None and not self.holding and self.error is None

    @property
    def is_write(self) -> bool:
        """Whether the application was to keep something."""
        return self.kind in {Kind.WRITE, Kind.UPLOAD}


def line_of(answer: Answer) -> str:
    """The record as one line of JSON, with its line end."""
    return json.dumps(asdict(answer), separators=(",", ":")) + "\n"


def answer_in(line: str) -> Answer:
    """The record in one line; raises ValueError for a line that is not whole."""
    raw: dict[str, Any] = json.loads(line)
    written = tuple(Written(**one) for one in raw.pop("written"))
    return Answer(**{**raw, "kind": Kind(raw["kind"])}, written=written)


def answers_in(folder: Path) -> list[Answer]:
    """The records of a run; if it was killed, without a last line that was cut off."""
    return list(_whole_answers(folder / FILE_NAME))


def _whole_answers(file: Path) -> Iterator[Answer]:
    with file.open() as lines:
        for line in lines:
            if line.endswith("\n"):
                yield answer_in(line)


class Records:
    """Appends records to a file; each is on disk within some FLUSH_SECONDS, all of them at exit.

    Appending waits for nothing. Not for use from several threads.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = (folder / FILE_NAME).open("a")
        self._pending: list[str] = []
        self._closing = asyncio.Event()

    def append(self, answer: Answer) -> None:
        """Take the record; it is durable a little later."""
        self._pending.append(line_of(answer))

    async def __aenter__(self) -> Self:
        self._flusher = asyncio.create_task(self._flush_until_closed())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.set()
        try:
            await self._flusher
            await self._flush()  # what was taken while the flusher was at it
        finally:
            self._file.close()

    async def _flush_until_closed(self) -> None:
        while not self._closing.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), FLUSH_SECONDS)
            await self._flush()

    async def _flush(self) -> None:
        lines, self._pending = self._pending, []
        if lines:
            await asyncio.to_thread(self._write, "".join(lines))

    def _write(self, text: str) -> None:
        self._file.write(text)
        self._file.flush()
        os.fdatasync(self._file.fileno())
