"""URLs in liferaft.toml: only what everything that reads them later takes as well."""

import re
from ipaddress import IPv4Address
from typing import Final
from urllib.parse import SplitResult, urlsplit

HTTPS_PORT: Final = 443
_LARGEST_PORT: Final = 65535
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.@:/?&=%+~-]+")
"""What needs no quoting in the files on a server. `edge.caddyfile` refuses the rest."""
_VISIBLE: Final = re.compile(r"[!-~]*")
_HOST: Final = re.compile(
    r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
)

_PUBLIC_APIS: Final = ("letsencrypt.org", "pki.goog")
"""Domains of authorities whose API has a certificate that everybody trusts, that of the staging
one included: https://letsencrypt.org/docs/staging-environment/,
https://cloud.google.com/certificate-manager/docs/public-ca"""


def health_url(value: str) -> str:
    """An https URL with a path, at the port that Caddy answers on."""
    url = _split(_plain(value))
    if url.scheme != "https" or not url.path:
        raise ValueError("it is no https URL with a path")
    if (url.port or HTTPS_PORT) != HTTPS_PORT:
        raise ValueError(f"port {url.port}: users and checks come in at {HTTPS_PORT} alone")
    return value


def directory_url(value: str) -> str:
    """An https URL of an ACME directory."""
    if _split(_plain(value)).scheme != "https":
        raise ValueError("it is no https URL")
    return value


def plain_text(value: str) -> str:
    """Text that can stand in a file of a server as it is."""
    return _plain(value)


def origin(value: str) -> str:
    """A store's URL: scheme, host and perhaps a port, nothing else."""
    url = _split(value)
    if url.scheme not in ("http", "https"):
        raise ValueError("it is neither https nor http")
    if (
        url.path
        or url.query
        or url.fragment
        or value != value.strip()
        or value.endswith(("?", "#"))
    ):
        raise ValueError("it has more than a host and a port")
    return value


def url_flaw(value: str) -> str:
    """Why a service could not be asked at this URL; else empty. The value is not repeated."""
    try:
        scheme = _split(value).scheme
    except ValueError as error:
        return str(error)
    return "" if scheme in ("http", "https") else "it is no https URL"


def is_address(url: str) -> bool:
    """Whether a URL's host is no name but an IPv4 address."""
    try:
        IPv4Address(urlsplit(url).hostname or "")
    except ValueError:
        return False
    return True


def same_place(url: str) -> str:
    """One spelling for all of the same URL."""
    parts = urlsplit(url)
    port = "" if parts.port in (None, HTTPS_PORT) else f":{parts.port}"
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path.rstrip('/')}"


def _plain(value: str) -> str:
    if not _PLAIN.fullmatch(value):
        odd = sorted({mark for mark in value if not _PLAIN.fullmatch(mark)})
        raise ValueError(f"{', '.join(map(ascii, odd)) or 'nothing'} cannot stand in it")
    return value


def _split(value: str) -> SplitResult:
    """The URL, taken apart. Raises ValueError for one with a password, and for a host or port
    that there cannot be. The value is not repeated: it may hold that password."""
    if not _VISIBLE.fullmatch(value):  # urlsplit would take line ends and tabs out of it
        raise ValueError("it holds a blank, a line's end or letters that no URL has")
    url = urlsplit(value)
    if "@" in url.netloc:
        raise ValueError("it names a user or a password: these are given by variables alone")
    if not _HOST.fullmatch(url.hostname or ""):
        raise ValueError("it has no host name")
    if url.netloc.endswith(":"):
        raise ValueError("it has no port behind the colon")
    try:
        port = url.port
    except ValueError:
        port = 0
    if port is not None and not 1 <= port <= _LARGEST_PORT:
        raise ValueError(f"its port is none from 1 to {_LARGEST_PORT}")
    return url


def is_public(acme_directory: str) -> bool:
    """The API of that authority is known to have a certificate that everybody trusts."""
    host = urlsplit(acme_directory).hostname or ""
    return any(host == one or host.endswith(f".{one}") for one in _PUBLIC_APIS)
