"""Values of a Compose file: each reader returns frozen data or raises NotAccepted.

They get strings, booleans, null, lists and maps: numbers arrive as they are written (`compose`).
"""

import ipaddress
import posixpath
import re
import shlex
from collections.abc import Callable
from typing import Any, Final
from unicodedata import category

from liferaft.config.values import environment_name
from liferaft.hosts.archives import whole

APP_ENV: Final = "app.env"
"""The file of variables that liferaft writes beside the Compose file on every server."""
LONGEST_STOP: Final = 300
"""Seconds: what a move is ready to wait for one container."""

_DIGEST = re.compile(r"[^@]+@sha256:[0-9a-f]{64}", re.ASCII)
_IMAGE = re.compile(r"[a-z0-9][\w.:/-]*:[\w.-]{1,128}", re.ASCII)
_LONGEST_NAME: Final = 63
"""Services and volumes are names of containers, and services names in DNS as well."""
_NAME = re.compile(r"[a-zA-Z0-9][\w.-]*", re.ASCII)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
PORT: Final = re.compile(
    r"(?:(?P<address>[\d.]+):)?(?P<host>\d{1,5}):(?P<inside>\d{1,5})(?:/(?P<protocol>tcp|udp))?",
    re.ASCII,
)
_VOLUME = re.compile(r"(?P<source>[^:]+):(?P<target>/[^:]*)(?::(?:ro|rw))?")
_USER = re.compile(r"[a-z0-9_][\w-]*(:[a-z0-9_][\w-]*)?", re.ASCII)
_DURATION = re.compile(r"(?=\d)(?:(\d{1,9})m)?(?:(\d{1,9})s)?", re.ASCII)
_LARGEST_PORT = 65535
_DELIVERED: Final = ("APP_SECRET_KEY", "DATABASE_URL")
_OUR_PREFIX: Final = "LIFERAFT_"
_SHOWN: Final = 80
_UNWRITABLE: Final = ("Cc", "Cs")
"""Unicode's control characters and halves of pairs: no file on a server can hold the latter."""


class NotAccepted(Exception):
    """One value is refused; the message is the reason."""


def shown(value: object) -> str:
    """The value in a message: whole if it is short, and no long or deep one written out."""
    if isinstance(value, str):
        return repr(value) if len(value) <= _SHOWN else f"{value[:_SHOWN]!r}…"
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "a map"
    return repr(value)


def text(value: Any) -> str:
    """A string without interpolation: nothing but this file decides what runs."""
    if not isinstance(value, str):
        raise NotAccepted(f"{shown(value)} is not a string; quote it")
    if "$" in value.replace("$$", ""):
        raise NotAccepted("variables are not filled in here; write $$ for a dollar sign")
    if "\n" in value or "\r" in value:
        raise NotAccepted("holds a line break")
    if not value.isprintable() and any(category(mark) in _UNWRITABLE for mark in value):
        raise NotAccepted("holds a control character")
    return value


def image(value: Any) -> str:
    """An image by name and tag: `latest` by omission is a different image every day.

    A digest does not survive `save` and `load`, so no image would ever be found by one.
    """
    if _DIGEST.fullmatch(text(value)):
        raise NotAccepted(
            f"{shown(value)} names a digest, which an archive does not keep; name the tag alone: "
            "what runs is the content of the archive in app.images"
        )
    if not _IMAGE.fullmatch(value):
        raise NotAccepted(f"{shown(value)} does not name an image with its tag")
    try:
        whole(value)
    except ValueError as error:
        raise NotAccepted(str(error)) from error
    return str(value)


def command(value: Any) -> str | tuple[str, ...]:
    """A command line, which is split as a shell would, or its arguments."""
    if not isinstance(value, str):
        return _each(value, text)
    try:
        shlex.split(text(value))
    except ValueError as error:
        raise NotAccepted(
            f"{shown(value)} cannot be split into arguments: {str(error).lower()}"
        ) from error
    return value


def environment(value: Any) -> tuple[tuple[str, str], ...]:
    """Pairs of name and value."""
    if isinstance(value, dict):
        pairs = [(name, _scalar(name, given)) for name, given in value.items()]
    else:
        pairs = [_assignment(item) for item in _each(value, text)]
    for name, given in pairs:
        if not isinstance(name, str) or not _VARIABLE.fullmatch(name):
            raise NotAccepted(f"{shown(name)} is not a variable's name")
        if name in _DELIVERED or name.startswith(_OUR_PREFIX):
            raise NotAccepted(
                f"{name} is delivered by liferaft, and this would hide it; leave it out"
            )
        if environment_name(given):
            raise NotAccepted(
                f"{name} would be the text {given!r}: variables of yours are not filled in here. "
                "The secrets that are delivered are in app.env, APP_SECRET_KEY among them"
            )
    if len({name for name, _ in pairs}) < len(pairs):
        raise NotAccepted("sets a variable twice")
    return tuple(pairs)


def env_file(value: Any) -> str:
    """Only the file that liferaft itself delivers."""
    for name in [value] if isinstance(value, str) else _each(value, text):
        if name.removeprefix("./") != APP_ENV:
            raise NotAccepted(f"{shown(name)} would not be on the server")
    return APP_ENV


def ports(value: Any) -> tuple[str, ...]:
    """Published ports in the short form."""
    return _each(value, _port)


def volumes(value: Any) -> tuple[str, ...]:
    """Mounts in the short form."""
    return _each(value, _volume)


def target(volume: str) -> str:
    """Where an accepted mount is in the container, in its shortest spelling."""
    match = _VOLUME.fullmatch(volume)
    return "/" + posixpath.normpath(match["target"]).lstrip("/") if match else ""


def names(value: Any) -> tuple[str, ...]:
    """Names of services."""
    return _each(value, name)


def read_boolean(value: Any) -> bool:
    """true or false, nothing that resembles them."""
    if not isinstance(value, bool):
        raise NotAccepted(f"{shown(value)} is neither true nor false")
    return value


def user(value: Any) -> str:
    """A user, and a group if one is given."""
    if not _USER.fullmatch(text(value)):
        raise NotAccepted(f"{shown(value)} is not a user")
    return str(value)


def absolute_path(value: Any) -> str:
    """A path from the root."""
    if not text(value).startswith("/"):
        raise NotAccepted(f"{shown(value)} is not an absolute path")
    return str(value)


def duration_seconds(value: Any) -> int:
    """Whole seconds."""
    match = _DURATION.fullmatch(text(value))
    seconds = int(match[1] or 0) * 60 + int(match[2] or 0) if match else -1
    if not 0 <= seconds <= LONGEST_STOP:
        raise NotAccepted(f"{shown(value)} is not a duration up to {LONGEST_STOP} seconds")
    return seconds


def name(value: Any) -> str:
    """A name of a service or a volume."""
    if not _NAME.fullmatch(text(value)) or len(value) > _LONGEST_NAME:
        raise NotAccepted(f"{shown(value)} is not a name of a service or volume")
    return str(value)


def _each(value: Any, read: Callable[[Any], str]) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise NotAccepted("is not a list")
    return tuple(read(item) for item in value)


def _scalar(name: Any, value: Any) -> str:
    if not isinstance(value, str):
        raise NotAccepted(f"the value of {name} is not a string; quote it")
    return text(value)


def _assignment(item: str) -> tuple[str, str]:
    name, separator, value = item.partition("=")
    if not separator:
        raise NotAccepted(f"{shown(item)} has no value")
    return name, value


def _port(value: Any) -> str:
    match = PORT.fullmatch(text(value))
    if match is None or not all(
        1 <= int(match[end]) <= _LARGEST_PORT for end in ("host", "inside")
    ):
        raise NotAccepted(f"{shown(value)} does not publish one port")
    try:
        ipaddress.IPv4Address(match["address"] or "127.0.0.1")
    except ValueError as error:
        raise NotAccepted(f"{shown(value)} has no IPv4 address") from error
    return str(value)


def _volume(value: Any) -> str:
    match = _VOLUME.fullmatch(text(value))
    if match is None or not (match["source"].startswith("/") or _NAME.fullmatch(match["source"])):
        reason = "is neither a named volume nor an absolute path of the server"
        raise NotAccepted(f"{shown(value)} {reason}")
    if target(value) == "/":
        raise NotAccepted(f"{shown(value)} would hide the whole image")
    return str(value)
