"""Names of sealed objects in little memory: the keeper holds those of a whole bucket."""

import re
from collections.abc import Iterator
from typing import Final

from .sealing import DIGITS, PARTLY

_OURS: Final = re.compile(rf"[0-9a-f]{{{DIGITS}}}\.[0-9a-f]{{16}}{PARTLY}?")
_IDENTITY: Final = 8
_VERSION: Final = _IDENTITY + 1
"""Bytes of what a name has beside the digest: its identity, and whether it is partly kept."""


class Names:
    """Names by their digest, of which there is mostly one each. As bytes they take a third of what
    they take as texts."""

    def __init__(self) -> None:
        self._versions: dict[bytes, bytes] = {}

    def __len__(self) -> int:
        """The number of digests, not of names."""
        return len(self._versions)

    def __contains__(self, name: str) -> bool:
        digest, version = _packed(name)
        return version in _each(self._versions.get(digest, b""))

    def __iter__(self) -> Iterator[str]:
        for digest, versions in self._versions.items():
            yield from _names(digest, versions)

    def add(self, name: str) -> None:
        """Put a name beside others of its digest. What is no such name is passed over: it is not
        ours."""
        if _OURS.fullmatch(name):
            digest, version = _packed(name)
            self._versions[digest] = self._versions.get(digest, b"") + version

    def replace(self, name: str) -> None:
        """Put a name in place of all others of its digest."""
        digest, version = _packed(name)
        self._versions[digest] = version

    def drop(self, digest: str) -> None:
        self._versions.pop(bytes.fromhex(digest), None)

    def several(self) -> list[list[str]]:
        """The names of each digest that has more than one."""
        return [
            _names(digest, versions)
            for digest, versions in self._versions.items()
            if len(versions) > _VERSION
        ]


def _packed(name: str) -> tuple[bytes, bytes]:
    identity = name[DIGITS + 1 :]
    partly = identity.endswith(PARTLY)
    version = bytes.fromhex(identity.removesuffix(PARTLY)) + bytes([partly])
    return bytes.fromhex(name[:DIGITS]), version


def _names(digest: bytes, versions: bytes) -> list[str]:
    return [
        f"{digest.hex()}.{one[:_IDENTITY].hex()}{PARTLY * one[_IDENTITY]}"
        for one in _each(versions)
    ]


def _each(versions: bytes) -> list[bytes]:
    return [versions[at : at + _VERSION] for at in range(0, len(versions), _VERSION)]
