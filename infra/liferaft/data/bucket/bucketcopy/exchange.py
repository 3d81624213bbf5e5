"""Questions and answers over one connection, in HTTP/1.1; an answer is bounded in time as a whole.

The standard library's client reads headers as it reads mail, which took as long as all else that is
done for a small object, and it waits without end for an answer that comes byte by byte.
https://www.rfc-editor.org/rfc/rfc9112
"""

import io
import select
import socket
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

SECONDS: Final = 10.0
"""The limit of a connection, of each wait for more of an answer, and of each bite of a body."""
PATIENCE: Final = 60.0
"""Seconds that an answer may let us wait in all, and so many more as its bytes take at SLOWEST."""
SLOWEST: Final = 16 << 10
"""Bytes in a second: sixteen lanes on a line of 2 Mbit/s are still as fast."""
_BITE: Final = 1 << 16
_BUFFER: Final = 1 << 16
_LINE_MOST: Final = 1 << 16
_HEADERS_MOST: Final = 200
_BLANKS: Final = " \t"
_BODILESS: Final = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


class Broken(Exception):
    """There is no whole answer. The connection is of no use any more."""


class Reply:
    """One answer, to be read to its end before the next question."""

    def __init__(self, reader: io.BufferedReader, method: str) -> None:
        self._reader = reader
        version, self.status = _status(reader)
        self.headers = _headers(reader)
        """Names in lower case; texts stand for bytes one by one."""
        said = self.headers.get("connection", "").lower()
        self._is_last = "close" in said or (version != b"HTTP/1.1" and "keep-alive" not in said)
        self._is_chunked = self.headers.get("transfer-encoding", "").lower() == "chunked"
        self._left = self._length(method)
        """Bytes that are left of the body, or of its present chunk. None means all until the
        connection ends."""

    def _length(self, method: str) -> int | None:
        if method == "HEAD" or self.status in _BODILESS:
            self._is_chunked = False
            return 0
        if self._is_chunked:
            return self._next_chunk()
        length = self.headers.get("content-length")
        return None if length is None else _number(length.encode("latin-1"), 10)

    @property
    def is_over(self) -> bool:
        """It was read whole."""
        return self._left == 0

    @property
    def lets_go_on(self) -> bool:
        """The connection is good for another question."""
        return self.is_over and not self._is_last

    def read(self, length: int | None = None) -> bytes:
        """So many bytes, fewer only at the end; all without. Raises Broken and OSError."""
        taken: list[bytes] = []
        while not self.is_over and (length is None or length > 0):
            taken.append(self._some(length))
            if length is not None:
                length -= len(taken[-1])
        return b"".join(taken)

    def _some(self, most: int | None) -> bytes:
        """Some bytes of one chunk, or of the body."""
        if self._left is None:
            some = self._reader.read(_BUFFER if most is None else most)
            self._left = None if some else 0
            return some
        wanted = self._left if most is None else min(most, self._left)
        some = self._reader.read(wanted)
        if len(some) < wanted:
            raise Broken("it broke off")
        self._left -= wanted
        if self._is_chunked and not self._left:
            _line(self._reader)
            self._left = self._next_chunk()
        return some

    def _next_chunk(self) -> int:
        """Its length. Behind the last one, 0, come headers that nobody needs."""
        length = _number(_line(self._reader).partition(b";")[0], 16)
        if not length:
            _headers(self._reader)
        return length


class Line:
    """A connection to one host, which is opened with the first question."""

    def __init__(self, host: str, tls: ssl.SSLContext | None, *, seconds: float = SECONDS) -> None:
        """seconds: the limit of its opening, and of each wait for more of an answer."""
        place = urlsplit(f"//{host}")
        self._name, self._tls, self._seconds = place.hostname or "", tls, seconds
        self._port = place.port or (80 if tls is None else 443)
        self._socket: socket.socket | None = None
        self._sent_whole = True

    def ask(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | Iterable[bytes]
    ) -> Reply:
        """Raises Broken, OSError, and what `body` raises."""
        head = _head(method, target, headers)
        if self._socket is None or _is_readable(self._socket):
            self.close()
            self._open()
        assert self._socket is not None
        self._sent_whole = False
        with suppress(BrokenPipeError, ConnectionResetError, ssl.SSLEOFError):
            # A refusal may come before the whole body is sent: it is the better reason.
            for bite in _bites(head, body):
                self._socket.sendall(bite)
            self._sent_whole = True
        # A reader of its own: what a host said beyond an answer is none of the next one.
        return Reply(io.BufferedReader(_Patient(self._socket), _BUFFER), method)

    def is_good_after(self, reply: Reply) -> bool:
        """Nothing is left of a question or of its answer, and the host has not closed it."""
        return self._sent_whole and reply.lets_go_on

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket = None

    def _open(self) -> None:
        made = socket.create_connection((self._name, self._port), timeout=self._seconds)
        try:
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                made = self._tls.wrap_socket(made, server_hostname=self._name)
        except BaseException:
            made.close()
            raise
        self._socket = made


class _Patient(io.RawIOBase):
    """What comes from a socket, as long as the answer is not slower than SLOWEST for long."""

    def __init__(self, came_from: socket.socket) -> None:
        self._socket = came_from
        self._waited, self._came = 0.0, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what it is given
        if self._waited > PATIENCE + self._came / SLOWEST:
            raise Broken(f"in {self._waited:.0f} s of waiting only {self._came} bytes of it came")
        began = time.monotonic()
        came = self._socket.recv_into(buffer)
        self._waited += time.monotonic() - began
        self._came += came
        return came


def _is_readable(idle: socket.socket) -> bool:
    """Nothing was asked: it is the end of the connection."""
    return bool(select.select([idle], [], [], 0)[0])


def _head(method: str, target: str, headers: Mapping[str, str]) -> bytes:
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {text}" for name, text in headers.items())]
    head = "\r\n".join([*lines, "", ""]).encode("latin-1")
    if head.count(b"\n") != len(lines) + 1 or head.count(b"\r") != len(lines) + 1:
        raise ValueError("a line's end in a header")
    return head


def _bites(head: bytes, body: bytes | Iterable[bytes]) -> Iterator[bytes]:
    """The body in pieces that a slow line sends within SECONDS, which is the limit of each of
    them."""
    if isinstance(body, bytes):
        yield head + body[:_BITE]
        body = [body[_BITE:]]
    else:
        yield head
    for piece in body:
        for start in range(0, len(piece), _BITE):
            yield piece[start : start + _BITE]


def _status(reader: io.BufferedReader) -> tuple[bytes, int]:
    """Version and status of what is no interim answer."""
    while True:
        version, _, rest = _line(reader).partition(b" ")
        if not version.startswith(b"HTTP/1."):
            raise Broken("what came is no answer in HTTP/1.1")
        status = _number(rest[:3], 10)
        if status >= HTTPStatus.OK:
            return version, status
        _headers(reader)


def _headers(reader: io.BufferedReader) -> dict[str, str]:
    lines: list[bytes] = []
    while line := _line(reader):
        if len(lines) >= _HEADERS_MOST:
            raise Broken("it has too many headers")
        lines.append(line)
    headers: dict[str, str] = {}
    name = ""
    for text in b"\n".join(lines).decode("latin-1").split("\n"):
        if text.startswith((" ", "\t")) and name:  # the one before goes on
            headers[name] += f" {text.strip(_BLANKS)}"
        else:
            name, _, said = text.partition(":")
            name = name.lower()
            headers[name] = said.strip(_BLANKS)
    return headers


def _line(reader: io.BufferedReader) -> bytes:
    line = reader.readline(_LINE_MOST)
    if not line.endswith(b"\n"):
        raise Broken("it broke off" if len(line) < _LINE_MOST else "it has a line without an end")
    return line.rstrip(b"\r\n").replace(b"\r", b" ")


def _number(digits: bytes, base: int) -> int:
    try:
        number = int(digits, base)
    except ValueError:
        number = -1
    if number < 0:
        raise Broken(f"what it says is no number: {digits[:40]!r}")
    return number
