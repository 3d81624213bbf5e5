"""Messages of the DNS, as far as they are looked into here (RFC 1035). Pure."""

import ipaddress
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

A: Final = 1
AAAA: Final = 28
REFUSED: Final = 5
SERVER_FAILURE: Final = 2
_TYPES: Final[Mapping[int, str]] = {
    A: "A",
    2: "NS",
    5: "CNAME",
    6: "SOA",
    12: "PTR",
    15: "MX",
    16: "TXT",
    AAAA: "AAAA",
    33: "SRV",
    64: "SVCB",
    65: "HTTPS",
    257: "CAA",
}
_HEADER: Final = struct.Struct(">HHHHHH")
_ANSWER: Final = struct.Struct(">HHIH")
_POINTS: Final = 0xC0
_TTL: Final = 5


class NoQuestion(Exception):
    """It is not a message of the DNS, or its end is missing."""


@dataclass(frozen=True)
class Lookup:
    """What is asked, in a message of one question."""

    name: str
    """In small letters, without the dot at the end."""
    kind: int
    ends: int
    """Where the question ends in its message."""

    @property
    def type_name(self) -> str:
        return _TYPES.get(self.kind, f"TYPE{self.kind}")


def question(message: bytes) -> Lookup:
    """Raises NoQuestion."""
    try:
        _, flags, questions, *_ = _HEADER.unpack_from(message)
        if flags & 0x8000 or questions != 1:
            raise NoQuestion("It does not ask one question.")
        name, at = _name(message, _HEADER.size)
        (kind,) = struct.unpack_from(">H", message, at)
    except (struct.error, IndexError, UnicodeError) as error:
        raise NoQuestion(str(error)) from error
    return Lookup(name, kind, at + 4)


def refusal(message: bytes, asked: Lookup, code: int = REFUSED) -> bytes:
    """An answer that holds nothing."""
    return _answer(message, asked, code, [])


def own_answer(message: bytes, asked: Lookup, address: str) -> bytes:
    """The name is at this IPv4 address, and has nothing else."""
    found = [ipaddress.IPv4Address(address).packed] if asked.kind == A else []
    return _answer(message, asked, 0, found)


def addresses(message: bytes) -> list[str]:
    """All that an answer gives, in its order. Raises NoQuestion."""
    found = []
    try:
        *_, questions, answers, _, _ = _HEADER.unpack_from(message)
        at = _HEADER.size
        for _ in range(questions):
            at = _name(message, at)[1] + 4
        for _ in range(answers):
            at = _name(message, at)[1]
            kind, _, _, length = _ANSWER.unpack_from(message, at)
            at += _ANSWER.size
            content = message[at : at + length]
            if (kind, length) in ((A, 4), (AAAA, 16)) and len(content) == length:
                found.append(str(ipaddress.ip_address(content)))
            at += length
    except (struct.error, IndexError, UnicodeError) as error:
        raise NoQuestion(str(error)) from error
    return found


def _answer(message: bytes, asked: Lookup, code: int, found: list[bytes]) -> bytes:
    number, flags, *_ = _HEADER.unpack_from(message)
    flags = 0x8080 | (flags & 0x7900) | code  # an answer of one who asks for others
    head = _HEADER.pack(number, flags, 1, len(found), 0, 0)
    records = (
        struct.pack(">HHHIH", 0xC000 | _HEADER.size, A, 1, _TTL, len(content)) + content
        for content in found
    )
    return head + message[_HEADER.size : asked.ends] + b"".join(records)


def _name(message: bytes, at: int) -> tuple[str, int]:
    """A name, and where it ends. One that points at others points backwards, so this ends."""
    labels, ends = [], None
    while length := message[at]:
        if length & _POINTS == _POINTS:
            ends = at + 2 if ends is None else ends
            to = (length & ~_POINTS) << 8 | message[at + 1]
            if to >= at:
                raise NoQuestion("A name points forwards.")
            at = to
            continue
        labels.append(message[at + 1 : at + 1 + length].decode("ascii"))
        at += 1 + length
    return ".".join(labels).lower(), at + 1 if ends is None else ends
