"""The operator's own streams, lent to a program on a server."""

import os
import shutil
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from liferaft.remote.attached import Streams

_IN = 0


@contextmanager
def lent() -> "Iterator[Streams]":
    """Somebody who sits at a terminal gets one on the server, to which every key goes, Ctrl-C as
    well. Else what comes in goes there as it is."""
    from liferaft.remote.attached import Streams

    kind = os.environ.get("TERM", "xterm") if _is_a_terminal() else ""
    streams = Streams(
        read=lambda most: os.read(_IN, most),
        write=_writing(sys.stdout.buffer),
        complain=_writing(sys.stderr.buffer),
        kind=kind,
        size=_size,
    )
    if not kind:
        yield streams
        return
    before = termios.tcgetattr(_IN)
    try:
        tty.setraw(_IN)
        yield streams
    finally:
        termios.tcsetattr(_IN, termios.TCSADRAIN, before)


@contextmanager
def shown() -> "Iterator[Streams]":
    """What a program says is shown, and nothing is typed."""
    from liferaft.remote.attached import Streams

    yield Streams(lambda _: b"", _writing(sys.stdout.buffer), _writing(sys.stderr.buffer))


def _size() -> tuple[int, int]:
    columns, rows = shutil.get_terminal_size()
    return columns, rows


def _is_a_terminal() -> bool:
    return os.isatty(_IN) and sys.stdout.isatty()


def _writing(stream: BinaryIO) -> Callable[[bytes], None]:
    """At once: somebody watches."""

    def write(chunk: bytes) -> None:
        stream.write(chunk)
        stream.flush()

    return write
