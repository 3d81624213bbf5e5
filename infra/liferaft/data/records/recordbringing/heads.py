"""The first line of each record, which holds its digest. Pure; `liferaft.vault.checked` writes the
same."""

import hashlib
import re
from typing import Final

FORM: Final = 1
_HEAD: Final = re.compile(rb"liferaft (\d{1,4}) sha256:([0-9a-f]{64})\n")


def headed(key: str, body: bytes) -> bytes:
    """As it lies in a vault."""
    return f"liferaft {FORM} sha256:{_digest(FORM, key, body)}\n".encode() + body


def body_of(key: str, stored: bytes) -> bytes | None:
    """What was written there; None where it is not what was written: damaged, or of another key."""
    head = _HEAD.match(stored)
    if head is None:
        return None
    body = stored[head.end() :]
    return body if _digest(int(head[1]), key, body) == head[2].decode() else None


def _digest(form: int, key: str, body: bytes) -> str:
    return hashlib.sha256(f"{form} {key}\n".encode() + body).hexdigest()
