"""Values of a Compose file: each reader returns frozen data or raises NotAccepted.

They get what the official schema lets through: texts, numbers, true, false, null, lists and maps.
"""

import ipaddress
import json
import posixpath
import re
import shlex
from collections.abc import Mapping
from typing import Any, Final
from unicodedata import category

from liferaft.compose import node
from liferaft.compose.image_name import DEFAULT_TAG, whole
from liferaft.config.values import environment_name

APP_ENV: Final = "app.env"
"""The file of variables that liferaft writes beside the Compose file on every server."""
LONGEST_STOP: Final = 300
"""Seconds: what a move is ready to wait for one container."""
PORT: Final = re.compile(
    r"(?:(?P<address>[\d.]+):)?(?P<host>\d{1,5}):(?P<inside>\d{1,5})(?:/(?P<protocol>tcp|udp))?",
    re.ASCII,
)
_PORTS: Final = re.compile(
    r"(?:(?P<address>\[[^\]]*\]|[^:]*\.[^:]*|\D[^:]*):)?(?:(?P<host>\d{1,5}(?:-\d{1,5})?)?:)?"
    r"(?P<inside>\d{1,5}(?:-\d{1,5})?)(?:/(?P<protocol>[a-z]+))?",
    re.ASCII,
)
_IMAGE = re.compile(r"[a-z0-9]", re.ASCII)
_DIGEST = re.compile(r"@(sha256:[0-9a-f]{64})$", re.ASCII)
_LONGEST_NAME: Final = 63
"""Services and volumes are names of containers, and services names in DNS as well."""
_NAME = re.compile(r"[a-zA-Z0-9][\w.-]*", re.ASCII)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_USER = re.compile(r"[a-z0-9_][\w-]*(:[a-z0-9_][\w-]*)?", re.ASCII)
_DURATION = re.compile(
    r"(?=\d)(?:(\d{1,9})h)?(?:(\d{1,9})m(?!s))?(?:(\d{1,9}(?:\.\d{1,9})?)s)?(?:(\d{1,9})ms)?",
    re.ASCII,
)
_LARGEST_PORT = 65535
_MOST_PORTS = 200
_DELIVERED: Final = ("APP_SECRET_KEY",)
_OUR_PREFIX: Final = "LIFERAFT_"
_SHOWN: Final = 80
_UNWRITABLE: Final = ("Cc", "Cs")
"""Unicode's control characters and halves of pairs: no file on a server can hold the latter."""


class NotAccepted(Exception):
    """One value is refused; the message is the reason, `valid` what to write instead."""

    def __init__(self, reason: str, valid: str = "") -> None:
        super().__init__(reason)
        self.valid = valid


def shown(value: object) -> str:
    """The value in a message: whole if it is short, and no long or deep one written out."""
    if isinstance(value, str):
        return repr(value) if len(value) <= _SHOWN else f"{value[:_SHOWN]!r}…"
    if isinstance(value, list | tuple | Mapping):
        return "a map" if isinstance(value, Mapping) else "a list"
    return repr(value)


def text(value: Any, *, rows: bool = False) -> str:
    """A text, or what Compose makes one of. rows: it may have several lines."""
    if isinstance(value, list | Mapping) or value is None:
        raise NotAccepted(f"{shown(value)} is no text", "a text")
    written = node.text(value)
    bare = re.sub(r"[\n\t]", "", written) if rows else written.replace("\t", "")
    if "\n" in bare or "\r" in bare:
        raise NotAccepted("holds a line break", "one line")
    if not bare.isprintable() and any(category(mark) in _UNWRITABLE for mark in bare):
        raise NotAccepted("holds a control character", "a text without it")
    return written


def texts(value: Any, *, rows: bool = False) -> tuple[str, ...]:
    """A text, or a list of them."""
    items = value if isinstance(value, list) else [value]
    return tuple(text(item, rows=rows) for item in items)


def pairs(value: Any) -> dict[str, str | None]:
    """A map, or a list of NAME=value; None for a name alone."""
    if isinstance(value, Mapping):
        return {
            str(name): None if each is None else text(each, rows=True)
            for name, each in value.items()
        }
    found: dict[str, str | None] = {}
    for item in texts(value, rows=True):
        name, sign, given = item.partition("=")
        found[name] = given if sign else None
    return found


def image(value: Any) -> str:
    """An image by name and tag, without a digest: one does not survive `save` and `load`."""
    written = text(value)
    bare = _DIGEST.sub("", written)
    tagged = ":" in bare.rpartition("/")[2]
    if bare != written and not tagged:
        raise NotAccepted(
            f"{shown(value)} names a digest alone, which an archive does not keep",
            "the name with its tag in front of it, NAME:TAG@sha256:…",
        )
    try:
        whole(bare if _IMAGE.match(bare) else f"/{bare}")
    except ValueError as error:
        raise NotAccepted(str(error), "a name with a tag, such as ghcr.io/who/app:1.2") from error
    return bare if tagged else f"{bare}:{DEFAULT_TAG}"


def pinned(value: Any) -> str:
    """The digest behind an image's tag; nothing where there is none."""
    found = _DIGEST.search(text(value))
    return found[1] if found else ""


def arguments(value: Any) -> tuple[str, ...] | None:
    """A command line, which is split as a shell would, or its arguments. None: the image's own."""
    if value is None:
        return None
    if isinstance(value, list):
        return texts(value, rows=True)
    written = text(value, rows=True)
    try:
        return tuple(shlex.split(written))
    except ValueError as error:
        raise NotAccepted(
            f"{shown(value)} cannot be split into arguments: {str(error).lower()}",
            "a list of arguments",
        ) from error


def variable(name: str, value: str) -> None:
    """Raise NotAccepted for what a service could not be told."""
    if not _VARIABLE.fullmatch(name):
        raise NotAccepted(f"{shown(name)} is not a variable's name", "letters, digits, underscores")
    if name in _DELIVERED or name.startswith(_OUR_PREFIX):
        raise NotAccepted(
            f"{name} is delivered by liferaft, and this would hide it", f"no {name} in the file"
        )
    if environment_name(value):
        raise NotAccepted(
            f"{name} would be the text {value!r}: variables of yours are not filled in here",
            "${NAME}, and NAME=… in .env beside the Compose file",
        )
    if "\n" in value or "\r" in value:
        raise NotAccepted(f"{name} holds a line break, which cannot be delivered", "one line")
    text(value)


def ports(value: Any) -> tuple[str, ...]:
    """Published ports, short or long, as `[ADDRESS:]PORT:PORT[/udp]`."""
    if not isinstance(value, list):
        raise NotAccepted(f"{shown(value)} is not a list", '["8080:80"]')
    found = tuple(one for item in value for one in _published(item))
    if len(found) > _MOST_PORTS:
        raise NotAccepted(f"publishes more than {_MOST_PORTS} ports", "fewer")
    return found


def name(value: Any) -> str:
    """A name of a service or a volume."""
    if not _NAME.fullmatch(text(value)) or len(value) > _LONGEST_NAME:
        raise NotAccepted(
            f"{shown(value)} is not a name of a service or volume",
            "letters, digits, dots, hyphens, underscores; at most 63",
        )
    return str(value)


def is_true(value: Any) -> bool:
    """true or false, as Compose reads them in texts too."""
    word = node.text(value).lower() if isinstance(value, str | bool) else ""
    if word in ("true", "1", "t", "yes", "y", "on"):
        return True
    if word in ("false", "0", "f", "no", "n", "off"):
        return False
    raise NotAccepted(f"{shown(value)} is neither true nor false", "true or false")


def user(value: Any) -> str:
    """A user, and a group if one is given."""
    if not _USER.fullmatch(text(value)):
        raise NotAccepted(f"{shown(value)} is not a user", "a name or number, with a :group or not")
    return text(value)


def absolute_path(value: Any) -> str:
    """A path from the root, in its shortest spelling."""
    if not text(value).startswith("/"):
        raise NotAccepted(f"{shown(value)} is not an absolute path", "a path from / on")
    return "/" + posixpath.normpath(text(value)).lstrip("/")


def stop_seconds(value: Any) -> int:
    """Whole seconds, rounded up."""
    seconds = -int(-duration(value) // 1)
    if seconds > LONGEST_STOP:
        raise NotAccepted(
            f"{shown(value)} is longer than a move waits for one container",
            f"a duration up to {LONGEST_STOP} seconds",
        )
    return seconds


def duration(value: Any) -> float:
    """Seconds of `1m30s`."""
    match = _DURATION.fullmatch(text(value))
    if match is None:
        raise NotAccepted(f"{shown(value)} is not a duration", "a duration such as 10s or 1m30s")
    hours, minutes, seconds, thousandths = match.groups()
    return (
        int(hours or 0) * 3600
        + int(minutes or 0) * 60
        + float(seconds or 0)
        + int(thousandths or 0) / 1000
    )


def health(value: Mapping[str, Any]) -> tuple[str, ...]:
    """What podman is to ask, as `KEY=value`; `disable` alone where nothing is."""
    test = value.get("test")
    if is_true(value.get("disable", False)) or test in ("NONE", ["NONE"]):
        return ("disable",)
    found = []
    if test is not None:
        asked = texts(test, rows=True)
        if isinstance(test, str):
            asked = ("CMD-SHELL", test)
        if not asked or asked[0] not in ("CMD", "CMD-SHELL") or len(asked) == 1:
            raise NotAccepted("the test is none", '["CMD", …], ["CMD-SHELL", "…"] or a text')
        found.append(f"test={json.dumps(asked)}")
    spans = (key for key in ("interval", "timeout", "start_period") if key in value)
    found += (f"{key}={duration(value[key]):g}s" for key in spans)
    if "retries" in value:
        found.append(f"retries={text(value['retries'])}")
    return tuple(found)


def _published(value: Any) -> tuple[str, ...]:
    if isinstance(value, Mapping):
        address, host = value.get("host_ip", ""), value.get("published", "")
        inside, protocol = text(value["target"]), text(value.get("protocol", "tcp"))
        address, host = text(address), text(host)
    else:
        match = _PORTS.fullmatch(text(value))
        if match is None:
            raise NotAccepted(f"{shown(value)} publishes no port", '"8080:80"')
        address, host, inside, protocol = (one or "" for one in match.groups())
    if protocol not in ("", "tcp", "udp"):
        raise NotAccepted(f"{shown(protocol)} is no protocol of ports", "tcp or udp")
    if not host:
        raise NotAccepted(
            f"{shown(value)} leaves the port of the server to chance",
            f'"127.0.0.1:{inside}:{inside}"',
        )
    if address:
        try:
            ipaddress.IPv4Address(address)
        except ValueError as error:
            raise NotAccepted(f"{shown(value)} has no IPv4 address", "127.0.0.1, say") from error
    ours, theirs = _range(host), _range(inside)
    if len(ours) != len(theirs):
        raise NotAccepted(f"{shown(value)}: {host} and {inside} are not as many", "as many ports")
    lead, end = f"{address}:" if address else "", "/udp" if protocol == "udp" else ""
    return tuple(f"{lead}{one}:{two}{end}" for one, two in zip(ours, theirs, strict=True))


def _range(ports: str) -> range:
    first, _, last = ports.partition("-")
    found = range(int(first), int(last or first) + 1)
    if not found or not 1 <= found[0] <= found[-1] <= _LARGEST_PORT:
        raise NotAccepted(f"{shown(ports)} is no port", f"1 to {_LARGEST_PORT}")
    return found
