"""Notes that a vault was away, and what is said of it once its records are brought. Pure;
`liferaft.vault.away` and `liferaft.vault.brought` read and write the same.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from .heads import headed
from .rules import AWAY, BROUGHT

UNKNOWN = "an unknown moment"


def away(vault: str) -> str:
    return f"{AWAY}/{vault}.json"


def brought(vault: str) -> str:
    return f"{BROUGHT}/{vault}.json"


def absence(vault: str, why: str) -> bytes:
    """The note, as it lies in a vault, of an absence that nobody saw begin."""
    told = {"vault": vault, "since": UNKNOWN, "why": why, "is_over": False}
    return headed(away(vault), json.dumps(told, sort_keys=True).encode())


def is_over(note: bytes) -> bool:
    """Whether this note says that the absence is over. One that cannot be read says nothing."""
    try:
        return json.loads(note)["is_over"] is True
    except (ValueError, KeyError, TypeError):
        return False


def digest_of(note: bytes) -> str:
    return hashlib.sha256(note).hexdigest()


def covers(said: bytes, note: bytes) -> bool:
    """Whether what was said is that all was brought which this note says is lacking."""
    try:
        told = json.loads(said)
        return told["note"] == digest_of(note) and told["is_whole"] is True
    except (ValueError, KeyError, TypeError):
        return False


def word(vault: str, note: str, *, at: datetime, told: Sequence[str], is_whole: bool) -> bytes:
    """What is said of a vault, as it lies in one. note: the digest of that vault's note."""
    body = {
        "vault": vault,
        "note": note,
        "at": at.isoformat(timespec="seconds"),
        "told": list(told),
        "is_whole": is_whole,
    }
    return headed(brought(vault), json.dumps(body, sort_keys=True).encode())
