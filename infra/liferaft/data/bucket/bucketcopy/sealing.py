"""How an object lies in the vault: under a name that says nothing, encrypted and authenticated.

A name is `DIGEST.IDENTITY`, both HMACs: of the key, and of the key and what the site's listing said
of the object. So two listings alone tell what is missing, whatever the key looks like. A `~` at the
end: something of the object could not be kept, its header says what.

Beside a version may lie marks, empty objects: `NAME-SECONDS-MAC`, the site has it no more since
then, and `NAME+SECONDS-MAC`, it has it again. Bytes and marks go after a while, together.

The content is a header, which holds the true key, and then the object's bytes, in pieces of
AES-256-GCM under a key of this object's own; the last piece is marked, so that none can be missing.
"""

import hmac
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC: Final = b"LRB1"
_SALT: Final = 16
_TAG: Final = 16
PIECE: Final = 1 << 20
_LENGTH: Final = 4
_HEADER_MOST: Final = 1 << 20
PARTLY: Final = "~"
DIGITS: Final = 32
"""Of a digest."""
GONE, BACK = "-", "+"
_MARK: Final = re.compile(r"([0-9a-f]{32}\.[0-9a-f]{16}~?)([-+])([0-9]{10})-([0-9a-f]{16})")


class SealBroken(Exception):
    """It is not what was sealed."""


class Seal:
    """The keys of one application, made of two secrets."""

    def __init__(self, password: str, salt: str) -> None:
        main = _derived(password.encode(), salt.encode(), b"liferaft bucket")
        self._names = _derived(main, None, b"names")
        self._contents = _derived(main, None, b"contents")

    def digest(self, key: str) -> str:
        """Of a key: the beginning of the names of all its versions. 32 hexadecimal digits."""
        return self._mac("key", key)

    def name(self, key: str, identity: str, *, partly: bool = False) -> str:
        version = self._mac("identity", f"{key}\0{identity}")[:16]
        return f"{self.digest(key)}.{version}{PARTLY * partly}"

    def mark(self, name: str, sign: str, at: int) -> str:
        """The name of a mark beside the version of that name. `at`: Unix seconds."""
        stem = f"{name}{sign}{at:010}"
        return f"{stem}-{self._mac('mark', stem)[:16]}"

    def read_mark(self, mark: str) -> tuple[str, str, int] | None:
        """Name, sign and time; None for what is no mark of ours: whoever has keys of the vault and
        not the seal hides nothing by one."""
        found = _MARK.fullmatch(mark)
        if found is None:
            return None
        name, sign, at, _ = found.groups()
        return (name, sign, int(at)) if mark == self.mark(name, sign, int(at)) else None

    def _mac(self, use: str, text: str) -> str:
        whole = f"{use}\0{text}".encode(errors="surrogateescape")
        return hmac.digest(self._names, whole, "sha256").hex()[:DIGITS]

    def sealed(self, header: bytes, content: Iterable[bytes]) -> Iterator[bytes]:
        """The pieces to store."""
        salt = os.urandom(_SALT)
        cipher = self._cipher(salt)
        yield MAGIC + salt
        number, held = 0, len(header).to_bytes(_LENGTH, "big") + header
        for more in content:
            held += more
            while len(held) > PIECE:
                yield cipher.encrypt(_nonce(number, last=False), held[:PIECE], None)
                number, held = number + 1, held[PIECE:]
        while len(held) > PIECE:
            yield cipher.encrypt(_nonce(number, last=False), held[:PIECE], None)
            number, held = number + 1, held[PIECE:]
        yield cipher.encrypt(_nonce(number, last=True), held, None)

    def opened(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The header, and then the object's bytes as they come. Raises SealBroken."""
        reader = _Exactly(pieces)
        start = reader.take(len(MAGIC) + _SALT)
        if len(start) < len(MAGIC) + _SALT or not start.startswith(MAGIC):
            raise SealBroken("it does not begin as what was sealed does")
        plain = self._plain(reader, self._cipher(start[len(MAGIC) :]))
        held = b""
        for more in plain:
            held += more
            length = int.from_bytes(held[:_LENGTH], "big")
            if length > _HEADER_MOST:
                raise SealBroken("its header is too long")
            if len(held) >= _LENGTH + length:
                break
        else:
            raise SealBroken("its header is cut short")
        yield held[_LENGTH : _LENGTH + length]
        if rest := held[_LENGTH + length :]:
            yield rest
        yield from plain

    def _plain(self, reader: "_Exactly", cipher: AESGCM) -> Iterator[bytes]:
        number, last = 0, False
        while not last:
            piece = reader.take(PIECE + _TAG)
            last = reader.is_at_end()
            try:
                yield cipher.decrypt(_nonce(number, last=last), piece, None)
            except InvalidTag:
                raise SealBroken(f"its piece {number + 1} is not what was sealed") from None
            number += 1

    def _cipher(self, salt: bytes) -> AESGCM:
        return AESGCM(_derived(self._contents, salt, b"object"))


def sealed_size(header: bytes, size: int) -> int:
    """Bytes of the whole, of an object of `size` bytes."""
    plain = _LENGTH + len(header) + size
    return len(MAGIC) + _SALT + plain + _TAG * max(1, -(-plain // PIECE))


def written(header: Mapping[str, Any]) -> bytes:
    return json.dumps(header, sort_keys=True, separators=(",", ":")).encode()


def digest_of(name: str) -> str:
    return name.partition(".")[0]


def _derived(secret: bytes, salt: bytes | None, info: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=info).derive(secret)


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


class _Exactly:
    """Bytes in the lengths that are asked for, from pieces of any."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._held = b""

    def take(self, length: int) -> bytes:
        while len(self._held) < length and (more := next(self._pieces, None)) is not None:
            self._held += more
        taken, self._held = self._held[:length], self._held[length:]
        return taken

    def is_at_end(self) -> bool:
        while not self._held and (more := next(self._pieces, None)) is not None:
            self._held = more
        return not self._held
