"""The address of the application's database, whole and in the words that placeholders have for its
parts."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote, urlsplit

from liferaft.compose.checks import DATABASE_PORT

KEYS: Final = ("host", "port", "user", "password", "name", "url")


def parts_of(url: str) -> Mapping[str, str]:
    """What each of KEYS stands for. Pure."""
    there = urlsplit(url)
    return {
        "host": there.hostname or "",
        "port": str(there.port or DATABASE_PORT),
        "user": unquote(there.username or ""),
        "password": unquote(there.password or ""),
        "name": unquote(there.path.removeprefix("/")),
        "url": url,
    }
