"""Passwords at rest: scrypt with a salt per account, its cost written beside the hash."""

import base64
import contextlib
import hashlib
import hmac
import secrets
import threading
from collections.abc import Iterator

from .unavailable import Unavailable

COST, BLOCK, LANES = 2**14, 8, 5
"""16 MiB and some 200 ms; one of the settings OWASP's password storage cheat sheet names as equal:
https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html"""
MEMORY_LIMIT = 64 * 1024 * 1024
PATIENCE_SECONDS = 1.0
"""Whoever waits longer for his turn is sent away: he would have gone before his answer came."""
_turn = threading.Lock()
"""Held by who hashes. After an outage everybody comes in at once, and again when no answer comes:
hashes side by side would then take the processor from each other and from pages that need none,
until no request ends before its caller has gone."""


def hashed(password: str) -> str:
    """`scrypt$cost$block$lanes$salt$key`, different each time. Raises Unavailable when too many
    ask at once."""
    salt = secrets.token_bytes(16)
    key = _key(password, salt, COST, BLOCK, LANES)
    return "$".join(["scrypt", str(COST), str(BLOCK), str(LANES), _text(salt), _text(key)])


def matches(password: str, stored: str) -> bool:
    """Whether `stored` was made from `password`; takes the same time for right and wrong ones.
    Raises Unavailable when too many ask at once."""
    _, cost, block, lanes, salt, key = stored.split("$")
    actual = _key(password, base64.b64decode(salt), int(cost), int(block), int(lanes))
    return hmac.compare_digest(actual, base64.b64decode(key))


def _key(password: str, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    with _turn_of_this_process():
        return hashlib.scrypt(
            password.encode(), salt=salt, n=cost, r=block, p=lanes, maxmem=MEMORY_LIMIT, dklen=32
        )


@contextlib.contextmanager
def _turn_of_this_process() -> Iterator[None]:
    if not _turn.acquire(timeout=PATIENCE_SECONDS):
        raise Unavailable("Many people are coming in at this moment.")
    try:
        yield
    finally:
        _turn.release()


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
