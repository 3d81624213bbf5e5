"""Proxies: the one thing that every client of a cloud takes from the environment by itself.

They belong to the operator's network and not to an account, and without them some networks let
nobody out. So they are passed on wherever clouds are asked, and checked before the first request.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from liferaft.failures import BadInput

VARIABLES: Final = (
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
)
_SCHEMES: Final = ("http", "https")


def check(environ: Mapping[str, str]) -> None:
    """BadInput for a proxy that no client could use; its value, maybe a password, is not shown."""
    for name in VARIABLES:
        given = environ.get(name, "")
        if given and not name.lower().startswith("no_") and not _is_usable(given):
            raise BadInput(
                f"{name} is not the URL of a proxy",
                safe="Nothing was touched.",
                do=f"Set {name} to http://HOST:PORT, or unset it.",
            )


def _is_usable(given: str) -> bool:
    if not given.isascii() or not given.isprintable() or " " in given:
        return False  # urlsplit takes line ends and tabs out, and clients do not
    try:
        url = urlsplit(given if "://" in given else f"http://{given}")
        return url.scheme in _SCHEMES and bool(url.hostname) and url.port != 0
    except ValueError:
        return False
