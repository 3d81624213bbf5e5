"""Secrets that stand in the file itself, by what their keys are called and what they look like.

Values are never repeated: what is found is told by its key.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from liferaft.config.problems import Finding, Place
from liferaft.config.values import environment_name

_PARTS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_WORDS: Final = frozenset(
    (
        *("auth", "authorization", "bearer", "cookie", "credential", "credentials", "key", "keys"),
        *("pass", "passphrase", "passwd", "password", "passwords", "pwd", "secret", "secrets"),
        *("signature", "token", "tokens"),
    )
)
_ENDINGS: Final = ("key", "keys", "passphrase", "password", "passwd", "secret", "token", "tokens")
"""With these, words that are written as one: `apikey`, `authtoken`."""
_HARMLESS: Final = frozenset(
    (
        *("algorithm", "class", "count", "endpoint", "env", "file", "filename", "format", "header"),
        *("host", "id", "length", "method", "mode", "name", "names", "path", "region", "size"),
        *("timeout", "ttl", "type", "uri", "url", "version"),
    )
)
"""A last word of something about a secret: `key_name`, `key_file`, `token_url`."""


def among(place: Place, options: Mapping[str, Any]) -> Iterator[Finding]:
    """Every secret in these options, however deep."""
    for inner, value in leaves(place, options):
        text = "" if isinstance(value, bool) else str(value)
        keys = [str(part) for part in inner[len(place) :] if isinstance(part, str)]
        if text and environment_name(text) is None and _is_secret(keys, text):
            yield Finding(
                inner,
                f"{'.'.join(keys)} holds a secret: name a variable instead",
                f'{keys[-1]} = "env/NAME"',
            )


def leaves(place: Place, value: Any) -> Iterator[tuple[Place, Any]]:
    """What stands in tables and lists, however deep, and where."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from leaves((*place, str(key)), inner)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from leaves((*place, index), inner)
    else:
        yield place, value


def _is_secret(keys: list[str], text: str) -> bool:
    if _looks_like_one(text):
        return True
    innermost = _words(keys[-1])
    if innermost and innermost[-1] in _HARMLESS and innermost[-2:] != ["secret", "id"]:
        return False
    return any(word in _WORDS or word.endswith(_ENDINGS) for key in keys for word in _words(key))


def _words(key: str) -> list[str]:
    """`apiKey`, `api-key` and `API_KEY` are two words each."""
    return [word.lower() for word in _PARTS.findall(key)]


def _looks_like_one(text: str) -> bool:
    """A private key, or a URL with a password in it."""
    if "PRIVATE KEY-----" in text:
        return True
    try:
        return "@" in text and "://" in text and bool(urlsplit(text).password)
    except ValueError:
        return False
