"""Names of sealed objects as a manifest holds them: as bytes they take a third of their texts."""

import re
from typing import Final

from .sealing import DIGITS, PARTLY

_OURS: Final = re.compile(rf"[0-9a-f]{{{DIGITS}}}\.[0-9a-f]{{16}}{PARTLY}?")
_IDENTITY: Final = 8


def is_ours(name: str) -> bool:
    """Whether it is a version's. Marks, and what others put there, are not."""
    return bool(_OURS.fullmatch(name))


def packed(name: str) -> tuple[bytes, bytes]:
    """Digest and version."""
    identity = name[DIGITS + 1 :]
    partly = identity.endswith(PARTLY)
    version = bytes.fromhex(identity.removesuffix(PARTLY)) + bytes([partly])
    return bytes.fromhex(name[:DIGITS]), version


def unpacked(digest: bytes, version: bytes) -> str:
    return f"{digest.hex()}.{version[:_IDENTITY].hex()}{PARTLY * version[_IDENTITY]}"


def twin(version: bytes) -> bytes:
    """The same version, kept partly where this one is kept whole, and the other way round."""
    return version[:_IDENTITY] + bytes([not version[_IDENTITY]])
