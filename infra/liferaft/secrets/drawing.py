"""Secrets that nobody has to think of: drawn as liferaft.toml says."""

import base64
import secrets
import string
from typing import Final

from liferaft.config.app_secrets import SecretConfig

_LETTERS: Final = string.ascii_letters + string.digits


def draw(declared: SecretConfig) -> str:
    """A fresh value. Raises ValueError for one that an operator sets."""
    match declared.generate:
        case "hex":
            drawn = secrets.token_hex(declared.length)
        case "base64":
            drawn = base64.b64encode(secrets.token_bytes(declared.length)).decode()
        case "base64url":
            drawn = base64.urlsafe_b64encode(secrets.token_bytes(declared.length)).decode()
        case "letters":
            drawn = "".join(secrets.choice(_LETTERS) for _ in range(declared.length))
        case _:
            raise ValueError("an operator sets this one")
    return f"{declared.prefix}{drawn}"
