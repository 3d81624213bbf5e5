"""SCRAM-SHA-256 verifiers (RFC 5802, RFC 7677), as PostgreSQL stores them in pg_authid.

A role is given its verifier, so that the password itself reaches no statement, log or argv.
"""

import base64
import hashlib
import hmac
import secrets
from typing import Final

_ITERATIONS: Final = 4096


def verifier(password: str, *, salt: bytes | None = None, iterations: int = _ITERATIONS) -> str:
    """`SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey`; the salt is fresh unless given."""
    salt = secrets.token_bytes(16) if salt is None else salt
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    stored_key = hashlib.sha256(client_key).digest()
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    keys = f"{_base64(stored_key)}:{_base64(server_key)}"
    return f"SCRAM-SHA-256${iterations}:{_base64(salt)}${keys}"


def matches(password: str, stored: str) -> bool:
    """Whether `stored` is a verifier of this password; False for anything that is none."""
    kind, _, rest = stored.partition("$")
    cost, _, _keys = rest.partition("$")
    iterations, _, salt = cost.partition(":")
    if kind != "SCRAM-SHA-256" or not iterations.isdecimal():
        return False
    ours = verifier(password, salt=base64.b64decode(salt), iterations=int(iterations))
    return hmac.compare_digest(ours, stored)


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()
