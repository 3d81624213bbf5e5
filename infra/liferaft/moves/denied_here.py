"""The site that reigns is denied to a drill's own command, as it is to the drill's servers; and so
are vendors that it is played without.

Python tells an audit hook of each connection before it is made, and of each name before it is asked
for, whoever does so: SSH, the SDKs of clouds, octoDNS. What is not Python's (the stores behind
vaults, the engine's child, which has the credentials of the drill's cloud alone) is not seen by it.
https://docs.python.org/3/library/audit_events.html
"""

import socket
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any, Final

from liferaft.failures import Unproven

_PORT: Final = 443
_denied: set[str] = set()
_hooked: list[bool] = []


class DeniedHere(PermissionError):
    """A connection to somebody who is denied to this command."""


@contextmanager
def denied_here(hosts: Iterable[str]) -> Iterator[None]:
    """No connection of this process goes to these addresses, and none of these names, nor any below
    them, is looked up while the block lasts: it is tried. Raises Unproven if it could be."""
    if not _hooked:
        sys.addaudithook(_refuse)
        _hooked.append(True)
    added = set(hosts) - _denied
    _denied.update(added)
    try:
        for host in added:
            _prove(host)
        yield
    finally:
        _denied.difference_update(added)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if not _denied:
        return
    if event == "socket.connect":
        _, address = arguments
        host = address[0] if isinstance(address, tuple) and address else None
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if isinstance(host, bytes):
        host = host.decode(errors="replace")
    if isinstance(host, str) and _is_denied(host.rstrip(".").lower()):
        raise DeniedHere(f"{host} is denied to this drill")


def _is_denied(host: str) -> bool:
    """By itself, or by a name that it lies below."""
    labels = host.split(".")
    return any(".".join(labels[first:]) in _denied for first in range(len(labels)))


def _prove(host: str) -> None:
    """Nobody is asked for anything where it is denied: the name is not looked up either."""
    try:
        _reach(host)
    except DeniedHere:
        return
    except OSError:
        pass  # it was asked for, and there is nobody
    raise Unproven(
        f"The drill's own command could reach {host}, which is denied to it",
        safe="Nothing was made, and nothing was asked there.",
        do="This is a defect of liferaft, or of this Python: please report it.",
    )


def _reach(host: str) -> None:
    try:
        ip_address(host)
    except ValueError:
        socket.getaddrinfo(host, _PORT)
        return
    with socket.socket() as one:
        one.settimeout(0.0)
        one.connect((host, _PORT))
