"""The command as a process: its streams, its signals, its end.

None of it may stand in the way of a move: a screen that is full, closed or of another character
set loses words, not the application.
"""

import contextlib
import io
import os
import signal
import sys
from types import FrameType
from typing import TYPE_CHECKING, Final, NoReturn, TextIO

from liferaft.failures import Failure

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed import ReadableBuffer

_STREAMS: Final = (0, 1, 2)
_UNKNOWN: Final = "backslashreplace"
"""What becomes of characters that a stream's character set lacks."""


class AnswerLost(Failure):
    """What was asked for could not be written to stdout."""

    def __init__(self, error: OSError) -> None:
        super().__init__(
            f"The answer could not be written to standard output: {error.strerror}",
            safe="What the command did before its answer is done.",
            do="Give it a place to write to, and ask for the answer again: a run's is in "
            "`liferaft report`.",
        )


class ReaderGone(Failure):
    """Whoever read stdout has heard enough, as `head` does: nothing is to be told."""


class _Talk(io.FileIO):
    """stderr: what cannot be said is not said."""

    def write(self, text: "ReadableBuffer", /) -> int:
        with contextlib.suppress(OSError):
            return super().write(text) or 0
        return len(memoryview(text).cast("B"))


class _Answers(io.FileIO):
    """stdout: what cannot be answered is told."""

    def write(self, text: "ReadableBuffer", /) -> int:
        try:
            return super().write(text) or 0
        except BrokenPipeError as error:
            raise ReaderGone("Nobody reads standard output any more") from error
        except OSError as error:
            raise AnswerLost(error) from error


def secure() -> None:
    """Give the process streams that can be used, whatever it was started with; heed SIGTERM."""
    for number in _STREAMS:
        _occupy(number)
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, closefd=False)), errors="replace")
    sys.stdout = _writer(_Answers(1, "w", closefd=False), sys.stdout)
    sys.stderr = _writer(_Talk(2, "w", closefd=False), sys.stderr)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # So a script starts what it puts in the background. What asyncio does at a Ctrl-C is what
        # SIGTERM asks for too, so it needs its handler; the signal itself goes on to be nothing.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for signal_ in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(signal_) is not signal.SIG_IGN:  # as nohup has it
            signal.signal(signal_, _as_interrupt)


def leave(code: int) -> NoReturn:
    """End the process, all that was said being written.

    Python is not taken down: threads of the vault's library may still be on their way out of a
    call that has ended, and abort the whole process when they meet an interpreter that is gone.
    """
    with contextlib.suppress(OSError, Failure):
        sys.stdout.flush()
    with contextlib.suppress(OSError):
        sys.stderr.flush()
    os._exit(code)


def colour() -> bool | None:
    """False where the operator wants none (https://no-color.org), None where the stream decides."""
    return False if os.environ.get("NO_COLOR") else None


def _occupy(number: int) -> None:
    """A stream that was closed must not become the next file that is opened. Reading from it finds
    its end, writing to it fails."""
    try:
        os.fstat(number)
    except OSError:
        os.set_inheritable(os.open(os.devnull, os.O_RDONLY), True)


def _writer(raw: io.FileIO, before: TextIO | None) -> io.TextIOWrapper:
    encoding = before.encoding if before else None
    writer = io.BufferedWriter(raw)
    return io.TextIOWrapper(writer, encoding, errors=_UNKNOWN, line_buffering=True)


def _as_interrupt(_: int, frame: FrameType | None) -> None:
    """What a Ctrl-C would do now: end what is under way, and say how to go on."""
    interrupt = signal.getsignal(signal.SIGINT)
    handler: Callable[[int, FrameType | None], object] = (
        interrupt if callable(interrupt) else signal.default_int_handler
    )
    handler(signal.SIGINT, frame)
