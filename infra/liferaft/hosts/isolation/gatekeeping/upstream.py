"""The resolvers that this host had before: asked for what is allowed, and by the gate alone."""

import socket
import struct
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

PLACES: Final = ("/run/systemd/resolve/resolv.conf", "/etc/resolv.conf")
"""Where they are named; the first is systemd-resolved's, where it runs."""
_SECONDS: Final = 2.0
_ROUNDS: Final = 2
_LONGEST: Final = 65535
_PORT: Final = 53


class Unanswered(Exception):
    """None of them answered."""


def resolvers(places: Sequence[str] = PLACES) -> list[str]:
    """Looked up each time: the network's settings may bring others."""
    for place in places:
        try:
            lines = Path(place).read_text().splitlines()
        except OSError:
            continue
        words = [line.split() for line in lines]
        found = [word[1] for word in words if len(word) > 1 and word[0] == "nameserver"]
        if found := [one for one in found if not one.startswith("127.") and one != "::1"]:
            return found
    return []


def ask(message: bytes, mark: int, *, whole: bool) -> bytes:
    """An answer, as it came. whole: over TCP, nothing is cut off. Raises Unanswered."""
    for _ in range(_ROUNDS):
        for resolver in resolvers():
            with suppress(OSError):
                return _whole(message, mark, resolver) if whole else _short(message, mark, resolver)
    raise Unanswered


def _short(message: bytes, mark: int, resolver: str) -> bytes:
    with _marked(socket.SOCK_DGRAM, mark, resolver) as asking:
        asking.send(message)
        while True:
            answer = asking.recv(_LONGEST)
            if answer[:2] == message[:2]:
                return answer


def _whole(message: bytes, mark: int, resolver: str) -> bytes:
    with _marked(socket.SOCK_STREAM, mark, resolver) as asking:
        asking.sendall(struct.pack(">H", len(message)) + message)
        return read_message(asking)


def read_message(stream: socket.socket) -> bytes:
    """The next message of a stream. Raises OSError where it ends before."""
    (length,) = struct.unpack(">H", _exactly(stream, 2))
    return _exactly(stream, length)


def _exactly(stream: socket.socket, length: int) -> bytes:
    read = b""
    while len(read) < length:
        chunk = stream.recv(length - len(read))
        if not chunk:
            raise ConnectionResetError("The stream ended.")
        read += chunk
    return read


def _marked(kind: socket.SocketKind, mark: int, resolver: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in resolver else socket.AF_INET
    made = socket.socket(family, kind)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, mark)
        made.settimeout(_SECONDS)
        made.connect((resolver, _PORT))
    except OSError:
        made.close()
        raise
    return made
