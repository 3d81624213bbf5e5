"""The one place where objects of a vault are read and written: each carries its own digest.

The first line says who wrote it, in which form, and the SHA-256 of form, key and what follows:

    liferaft 1 sha256:9c56cc51b374c3ba189210d5b6d4bf57790d351c96c47c02190ecf1e430635ab

A reader without liferaft drops that line (`tail -n +2`). The digest covers the key, so that an
object that lies under another one's name is not believed either.
"""

import hashlib
import re

from liferaft.failures import Refused
from liferaft.vault.contract import Damaged, KeyMissing, Level, Newest, Seen, Vault

FORM = 1
_HEAD = re.compile(rb"liferaft (\d{1,4}) sha256:([0-9a-f]{64})\n")


class CheckedVault:
    """The contract over another vault. What comes out of `get` is what `put` or `create` took."""

    def __init__(self, raw: Vault) -> None:
        self.raw = raw
        """Objects as they lie there, and those that servers wrote by themselves."""

    @property
    def name(self) -> str:
        return self.raw.name

    def __repr__(self) -> str:
        return f"CheckedVault({self.raw!r})"

    def put(self, key: str, body: bytes) -> None:
        self.raw.put(key, headed(key, body))

    def create(self, key: str, body: bytes) -> bool:
        """The head follows from key and body alone: an answer that was lost is settled as ever."""
        return self.raw.create(key, headed(key, body))

    def get(self, key: str) -> bytes:
        """Raises KeyMissing, Damaged, and Refused for what a newer version wrote."""
        return _body(self.name, key, self.raw.get(key))

    def list(self, prefix: str = "") -> tuple[str, ...]:
        return self.raw.list(prefix)

    def look(self, prefix: str, *, after: str = "") -> tuple[Seen, ...]:
        return self.raw.look(prefix, after=after)

    def level(self, folder: str = "") -> Level:
        return self.raw.level(folder)

    def stored(self, key: str) -> bytes:
        return self.raw.stored(key)

    def digest(self, key: str, *, seconds: float) -> str | None:
        return self.raw.digest(key, seconds=seconds)

    def newest(self, prefix: str) -> Newest | None:
        return self.raw.newest(prefix)

    def delete(self, key: str) -> None:
        self.raw.delete(key)


class UnfitVault(CheckedVault):
    """A vault whose store does not refuse a second create: it is asked what is there, and written
    to where there is nothing. Of two who do so at once both may be told that it is theirs."""

    def create(self, key: str, body: bytes) -> bool:
        try:
            return self.get(key) == body
        except Damaged:
            return False
        except KeyMissing:
            self.put(key, body)
            return self.get(key) == body


def headed(key: str, body: bytes) -> bytes:
    """The object as it lies in the vault."""
    return f"liferaft {FORM} sha256:{_digest(FORM, key, body)}\n".encode() + body


def _body(vault: str, key: str, stored: bytes) -> bytes:
    head = _HEAD.match(stored)
    if head is None:
        raise Damaged(vault, key, f"its first line is not liferaft's ({len(stored)} bytes)")
    form, body = int(head[1]), stored[head.end() :]
    if _digest(form, key, body) != head[2].decode():
        raise Damaged(vault, key, "its content does not have the digest of its first line")
    if form != FORM:
        raise Refused(
            f"Object {key} of vault {vault} was written by another version of liferaft "
            f"(form {form})",
            safe="Nothing was changed by reading it.",
            do="Use the version that wrote it.",
            details={"vault": vault, "key": key},
        )
    return body


def _digest(form: int, key: str, body: bytes) -> str:
    return hashlib.sha256(f"{form} {key}\n".encode() + body).hexdigest()
