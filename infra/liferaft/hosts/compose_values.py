"""Values of a Compose file: each reader returns frozen data or raises NotAccepted.

They get strings, booleans, null, lists and maps: numbers arrive as they are written (`compose`).
"""

import ipaddress
import re
from collections.abc import Callable
from typing import Any, Final

APP_ENV: Final = "app.env"
"""The file of variables that liferaft writes beside the Compose file on every server."""
LONGEST_STOP: Final = 300
"""Seconds: what a move is ready to wait for one container."""

_IMAGE = re.compile(r"[a-z0-9][\w.:/-]*(:[\w.-]{1,128}|@sha256:[0-9a-f]{64})")
_NAME = re.compile(r"[a-zA-Z0-9][\w.-]*")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PORT = re.compile(
    r"(?:(?P<address>[\d.]+):)?(?P<host>\d{1,5}):(?P<inside>\d{1,5})(?:/(?:tcp|udp))?"
)
_VOLUME = re.compile(r"(?P<source>[^:]+):(?P<target>/[^:]*)(?::(?:ro|rw))?")
_USER = re.compile(r"[a-z0-9_][\w-]*(:[a-z0-9_][\w-]*)?")
_DURATION = re.compile(r"(?=\d)(?:(\d+)m)?(?:(\d+)s)?")
_LARGEST_PORT = 65535


class NotAccepted(Exception):
    """One value is refused; the message is the reason."""


def text(value: Any) -> str:
    """A string without interpolation: nothing but this file decides what runs."""
    if not isinstance(value, str):
        raise NotAccepted(f"{value!r} is not a string; quote it")
    if "$" in value.replace("$$", ""):
        raise NotAccepted("variables are not filled in here; write $$ for a dollar sign")
    if "\0" in value or "\n" in value:
        raise NotAccepted("holds a line break")
    return value


def image(value: Any) -> str:
    """An image by name and tag or digest: `latest` by omission is a different image every day."""
    if not _IMAGE.fullmatch(text(value)):
        raise NotAccepted(f"{value!r} does not name an image with its tag")
    return str(value)


def command(value: Any) -> str | tuple[str, ...]:
    """A command line, or its arguments."""
    return text(value) if isinstance(value, str) else _each(value, text)


def environment(value: Any) -> tuple[tuple[str, str], ...]:
    """Pairs of name and value."""
    if isinstance(value, dict):
        pairs = [(name, _scalar(name, given)) for name, given in value.items()]
    else:
        pairs = [_assignment(item) for item in _each(value, text)]
    for name, _ in pairs:
        if not isinstance(name, str) or not _VARIABLE.fullmatch(name):
            raise NotAccepted(f"{name!r} is not a variable's name")
    return tuple(pairs)


def env_file(value: Any) -> str:
    """Only the file that liferaft itself delivers."""
    for name in [value] if isinstance(value, str) else _each(value, text):
        if name.removeprefix("./") != APP_ENV:
            raise NotAccepted(f"{name!r} would not be on the server")
    return APP_ENV


def ports(value: Any) -> tuple[str, ...]:
    """Published ports in the short form."""
    return _each(value, _port)


def volumes(value: Any) -> tuple[str, ...]:
    """Mounts in the short form."""
    return _each(value, _volume)


def names(value: Any) -> tuple[str, ...]:
    """Names of services."""
    return _each(value, _name)


def boolean(value: Any) -> bool:
    """true or false, nothing that resembles them."""
    if not isinstance(value, bool):
        raise NotAccepted(f"{value!r} is neither true nor false")
    return value


def user(value: Any) -> str:
    """A user, and a group if one is given."""
    if not _USER.fullmatch(text(value)):
        raise NotAccepted(f"{value!r} is not a user")
    return str(value)


def absolute_path(value: Any) -> str:
    """A path from the root."""
    if not text(value).startswith("/"):
        raise NotAccepted(f"{value!r} is not an absolute path")
    return str(value)


def duration_seconds(value: Any) -> int:
    """Whole seconds."""
    match = _DURATION.fullmatch(text(value))
    seconds = int(match[1] or 0) * 60 + int(match[2] or 0) if match else -1
    if not 0 <= seconds <= LONGEST_STOP:
        raise NotAccepted(f"{value!r} is not a duration up to {LONGEST_STOP} seconds")
    return seconds


def _each(value: Any, read: Callable[[Any], str]) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise NotAccepted("is not a list")
    return tuple(read(item) for item in value)


def _name(value: Any) -> str:
    if not _NAME.fullmatch(text(value)):
        raise NotAccepted(f"{value!r} is not a service's name")
    return str(value)


def _scalar(name: Any, value: Any) -> str:
    if not isinstance(value, str):
        raise NotAccepted(f"the value of {name} is not a string; quote it")
    return text(value)


def _assignment(item: str) -> tuple[str, str]:
    name, separator, value = item.partition("=")
    if not separator:
        raise NotAccepted(f"{item!r} has no value")
    return name, value


def _port(value: Any) -> str:
    match = _PORT.fullmatch(text(value))
    if match is None or not all(
        1 <= int(match[end]) <= _LARGEST_PORT for end in ("host", "inside")
    ):
        raise NotAccepted(f"{value!r} does not publish one port")
    try:
        ipaddress.IPv4Address(match["address"] or "127.0.0.1")
    except ValueError as error:
        raise NotAccepted(f"{value!r} has no IPv4 address") from error
    return str(value)


def _volume(value: Any) -> str:
    match = _VOLUME.fullmatch(text(value))
    if match is None or not (match["source"].startswith("/") or _NAME.fullmatch(match["source"])):
        raise NotAccepted(f"{value!r} is neither a named volume nor an absolute path of the server")
    return str(value)
