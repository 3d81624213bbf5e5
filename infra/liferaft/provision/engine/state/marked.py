"""A checkpoint carries its own digest, in a member that the Pulumi CLI passes over.

    {"liferaft_sha256":"9c56…","version":3,"checkpoint":{…}}

The digest is of the text without that member. What the CLI writes has none, and is believed as it
is: it drops members that it does not know.
"""

import hashlib
import re
from typing import Final

from liferaft.provision.engine.faults import StateDamaged

_HEAD: Final = b'{"liferaft_sha256":"'
_TAIL: Final = b'",'
_DIGITS: Final = 64
_LENGTH: Final = len(_HEAD) + _DIGITS + len(_TAIL)
_DIGEST: Final = re.compile(rb"[0-9a-f]{64}")


def marked(text: bytes) -> bytes:
    """The text with its digest; as it is where it is no JSON object with members."""
    if not text.startswith(b'{"'):
        return text
    return _HEAD + _digest(text) + _TAIL + text[1:]


def unmarked(stored: bytes, where: str) -> bytes:
    """The text that was marked. Raises StateDamaged when it is not what was written.

    `where`: what a person finds it by. One flipped byte hits the member or the rest, never both:
    it is ours when either half of it is there.
    """
    middle = stored[len(_HEAD) : len(_HEAD) + _DIGITS]
    if not stored.startswith(_HEAD) and not _DIGEST.fullmatch(middle):
        return stored
    text = b"{" + stored[_LENGTH:]
    if stored[:_LENGTH] != _HEAD + _digest(text) + _TAIL:
        raise StateDamaged(
            f"The state is damaged: {where} does not have the digest that it carries.",
            safe="Nothing was touched.",
            do="Put back an earlier version of that object, from the store's own versions or from "
            "Pulumi's backups beside it. If it was edited by hand, take its member liferaft_sha256 "
            "out.",
            details={"object": where},
        )
    return text


def _digest(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest().encode()
