"""Whether callees answer: really called, by root of the host and from where containers are."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from . import kernel

ANSWERED: Final = "answered"
NOT_NAMED: Final = "not named"
TURNED_AWAY: Final = "turned away"
SILENT: Final = "silent"
"""The call left the host, as far as anybody can tell, and nobody took it."""
_SECONDS: Final = 5.0
_WAITS_SECONDS: Final = 120
_PLACE: Final = "liferaft-trial"
_LINK: Final = "podman-trial"
"""Named as podman's own bridges are: the gate has the same rules for it."""
_HERE: Final = "169.254.235.253"
THERE: Final = "169.254.235.254"
UNIT: Final = "liferaft-trial.service"
"""It runs in it, so that what is turned away for its sake is known."""


@dataclass(frozen=True)
class Attempt:
    """One callee, from one place. The address is empty where none was named."""

    name: str
    port: int
    address: str
    place: str
    outcome: str


def trials(table: str, callees: Sequence[tuple[str, int]], *, inside: bool) -> list[Attempt]:
    """Of all callees, from the host, and from `inside` a place as containers have, too."""
    found, named = [], []
    for name, port in callees:
        addresses = _addresses(name)
        named += [(name, port, address) for address in addresses]
        if not addresses:
            found.append(Attempt(name, port, "", "host", NOT_NAMED))
    calls = [(address, port) for _, port, address in named]
    found += _judged(table, named, "host", _calling(calls))
    if inside:
        # Bridges have IPv4, as podman makes them.
        named = [one for one in named if ":" not in one[2]]
        with _place_of_a_container():
            calls = [(address, port) for _, port, address in named]
            found += _judged(
                table, named, "container", _calling(calls, "ip", "netns", "exec", _PLACE)
            )
    return found


def call(calls: Sequence[tuple[str, int]]) -> list[bool]:
    """Whether each took the call."""
    taken = []
    for address, port in calls:
        try:
            socket.create_connection((address, port), _SECONDS).close()
            taken.append(True)
        except OSError:
            taken.append(False)
    return taken


def _judged(
    table: str, named: Sequence[tuple[str, int, str]], place: str, calling: Iterator[list[bool]]
) -> list[Attempt]:
    """Who did not answer, the gate has turned away, or else it let the call pass."""
    before = kernel.turned_away(table)
    taken = next(calling)
    away = {
        (turned.address, turned.port)
        for turned, count in kernel.turned_away(table).items()
        if count != before.get(turned, 0) and (turned.by_what == "address") == (place != "host")
    }
    return [
        Attempt(
            *(name, port, address, place),
            ANSWERED if taken else TURNED_AWAY if (address, port) in away else SILENT,
        )
        for (name, port, address), taken in zip(named, taken, strict=True)
    ]


def _calling(calls: Sequence[tuple[str, int]], *inside: str) -> Iterator[list[bool]]:
    """By a process of its own, wherever it is to be; begun when its answer is asked for."""
    argv = [*inside, "python3", "-I", sys.argv[0], "call"]
    asked = json.dumps(calls).encode()
    done = subprocess.run(
        argv, input=asked, check=True, capture_output=True, timeout=_WAITS_SECONDS
    )
    answer: list[Any] = json.loads(done.stdout)
    yield [bool(one) for one in answer]


def _addresses(name: str) -> list[str]:
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return sorted({str(one[4][0]) for one in found})


@contextmanager
def _place_of_a_container() -> Iterator[None]:
    """A network of its own behind a link of the host's. Nothing of it is left."""
    _leave()
    try:
        _ip("netns", "add", _PLACE)
        _ip("link", "add", _LINK, "type", "veth", "peer", "name", "eth0", "netns", _PLACE)
        _ip("address", "add", f"{_HERE}/30", "dev", _LINK)
        _ip("link", "set", _LINK, "up")
        Path(f"/proc/sys/net/ipv4/conf/{_LINK}/forwarding").write_text("1\n")
        _ip("-netns", _PLACE, "address", "add", f"{THERE}/30", "dev", "eth0")
        _ip("-netns", _PLACE, "link", "set", "eth0", "up")
        _ip("-netns", _PLACE, "route", "add", "default", "via", _HERE)
        yield
    finally:
        _leave()


def _leave() -> None:
    """Also what a trial that was killed has left."""
    for words in (("link", "delete", _LINK), ("netns", "delete", _PLACE)):
        with suppress(subprocess.CalledProcessError):  # there is none
            _ip(*words)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, timeout=_SECONDS)
