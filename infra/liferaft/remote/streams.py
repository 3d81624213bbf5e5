"""What goes into and comes out of a remote process, within limits."""

import asyncio
from dataclasses import dataclass

import asyncssh

from liferaft.remote.contract import OUTPUT_LIMIT

STDERR_KEPT = 64 * 1024
LINES_SHOWN = 12
_CHUNK = 64 * 1024


@dataclass(frozen=True)
class Drained:
    """A process at its end. exit_code is None if the connection broke before it was told."""

    exit_code: int | None
    stdout: bytes
    stderr: bytes
    overflowed: bool


async def drain(process: "asyncssh.SSHClientProcess[bytes]", stdin: bytes) -> Drained:
    """Feed the process and read it to its end, holding at most OUTPUT_LIMIT and STDERR_KEPT."""
    feeding = asyncio.create_task(_feed(process.stdin, stdin))
    try:
        out, err = await asyncio.gather(_head(process.stdout, OUTPUT_LIMIT), _tail(process.stderr))
        if out is None:
            return Drained(None, b"", err, overflowed=True)
        await process.wait_closed()
    finally:
        # A command may end without reading on; nobody takes the rest then.
        feeding.cancel()
        await asyncio.wait([feeding])
        if not feeding.cancelled():
            feeding.result()
    code = process.returncode
    # A process ended by a signal counts as negative there; a shell would say 128 + signal.
    return Drained(
        128 - code if code is not None and code < 0 else code, out, err, overflowed=False
    )


def last_lines(output: bytes) -> str:
    """The end of an output for people."""
    return "\n".join(output.decode(errors="replace").strip().splitlines()[-LINES_SHOWN:])


async def _head(stream: "asyncssh.SSHReader[bytes]", limit: int) -> bytes | None:
    """Everything, or None once it is more than the limit."""
    read = bytearray()
    while chunk := await _read(stream):
        read += chunk
        if len(read) > limit:
            stream.channel.close()
            return None
    return bytes(read)


async def _tail(stream: "asyncssh.SSHReader[bytes]") -> bytes:
    read = b""
    while chunk := await _read(stream):
        read = (read + chunk)[-STDERR_KEPT:]
    return read


async def _read(stream: "asyncssh.SSHReader[bytes]") -> bytes:
    try:
        return await stream.read(_CHUNK)
    except (asyncssh.ConnectionLost, asyncssh.DisconnectError, OSError):
        return b""  # the missing exit code tells


async def _feed(stream: "asyncssh.SSHWriter[bytes]", content: bytes) -> None:
    try:
        for at in range(0, len(content), _CHUNK):
            stream.write(content[at : at + _CHUNK])
            await stream.drain()
        stream.write_eof()
    except (BrokenPipeError, ConnectionResetError, asyncssh.ConnectionLost):
        pass  # the command ended without reading on: its exit code tells
