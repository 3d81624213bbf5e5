"""A program on a host that a person talks to: what is typed goes there, what it writes comes back.

Nothing of it is held, so that it may write for days; a person is there to end it.
"""

import asyncio
import shlex
import signal
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import asyncssh

from liferaft.failures import Own
from liferaft.remote.contract import ConnectionLost

_CHUNK = 64 * 1024
LONGEST_SECONDS = 24 * 3600
"""What still runs on the host then is ended there: its reader may be long gone."""


@dataclass(frozen=True)
class Streams:
    """This end of what a person talks to.

    Attributes:
        read: what is typed, at most so many bytes of it; blocks; empty at its end.
        write, complain: what the program says, and what it complains of.
        kind: the terminal's name, such as `xterm`; empty where nobody sits at one.
        size: its columns and rows now.
    """

    read: Callable[[int], bytes]
    write: Callable[[bytes], None]
    complain: Callable[[bytes], None]
    kind: str = ""
    size: Callable[[], tuple[int, int]] = lambda: (80, 24)


@runtime_checkable
class Attachable(Protocol):
    """A host at which a person can talk to a program, as root."""

    async def attach(self, command: Sequence[str], streams: Streams) -> int:
        """Its exit code, once it has ended. Without a command: root's own shell.

        Raises ConnectionLost, when it is not known whether it goes on.
        """
        ...


def line(command: Sequence[str], user: str) -> str:
    """What is sent: root itself needs no sudo, and may have none."""
    limit = ["timeout", "--foreground", "--kill-after=5", str(LONGEST_SECONDS)]
    words = [*limit, *(command or ["bash", "--login"])]
    return shlex.join(words if user == "root" else ["sudo", "-n", "--", *words])


async def talk(process: "asyncssh.SSHClientProcess[bytes]", streams: Streams, where: str) -> int:
    """Carry both ways until the program has ended; its exit code."""
    loop = asyncio.get_running_loop()
    feeding = threading.Thread(
        target=_feed, args=(loop, process.stdin, streams.read), daemon=True, name="typed"
    )
    if streams.kind:
        with suppress(NotImplementedError, RuntimeError):  # no terminal of this system's
            loop.add_signal_handler(
                signal.SIGWINCH, lambda: process.change_terminal_size(*streams.size())
            )
    feeding.start()
    await asyncio.gather(
        _carry(process.stdout, streams.write), _carry(process.stderr, streams.complain)
    )
    await process.wait_closed()
    code = process.returncode
    if code is None:
        raise ConnectionLost(
            f"The connection to {where} broke",
            safe=Own("What ran there may have gone on to its end, or not at all."),
            do="Run the same command again; see on the server first whether it still runs.",
            details={"host": where},
        )
    return 128 - code if code < 0 else code  # as a shell says what a signal has ended


async def _carry(source: "asyncssh.SSHReader[bytes]", write: Callable[[bytes], None]) -> None:
    with suppress(asyncssh.ConnectionLost, ConnectionResetError):  # its exit code is missing then
        while chunk := await source.read(_CHUNK):
            write(chunk)


def _feed(
    loop: asyncio.AbstractEventLoop,
    sink: "asyncssh.SSHWriter[bytes]",
    read: Callable[[int], bytes],
) -> None:
    """In a thread of its own that nobody waits for: whoever types may never type again."""

    async def give(chunk: bytes) -> None:
        sink.write(chunk)
        await sink.drain()

    # A program may end without reading on, and with it the loop: nobody takes the rest then.
    with suppress(OSError, RuntimeError, asyncssh.Error):
        while chunk := read(_CHUNK):
            asyncio.run_coroutine_threadsafe(give(chunk), loop).result(timeout=LONGEST_SECONDS)
        loop.call_soon_threadsafe(sink.write_eof)
