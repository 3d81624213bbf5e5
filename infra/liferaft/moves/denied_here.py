"""The site that reigns is denied to a drill's own command, as it is to the drill's servers.

Python tells an audit hook of each connection before it is made, whoever makes it: SSH, the SDKs of
clouds, octoDNS. What is not Python's (the stores behind vaults, the engine's child, which has the
credentials of the drill's cloud alone) is not seen by it.
https://docs.python.org/3/library/audit_events.html
"""

import socket
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from liferaft.failures import Unproven

_PORT: Final = 443
_denied: set[str] = set()
_hooked: list[bool] = []


class DeniedHere(PermissionError):
    """A connection to an address that is denied to this command."""


@contextmanager
def denied_here(addresses: Iterable[str]) -> Iterator[None]:
    """No connection of this process goes to these addresses while the block lasts: it is tried.
    Raises Unproven if one could be made."""
    if not _hooked:
        sys.addaudithook(_refuse)
        _hooked.append(True)
    added = set(addresses) - _denied
    _denied.update(added)
    try:
        for address in added:
            _prove(address)
        yield
    finally:
        _denied.difference_update(added)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and _denied:
        _, address = arguments
        if isinstance(address, tuple) and address and address[0] in _denied:
            raise DeniedHere(f"{address[0]} is denied to this drill")


def _prove(address: str) -> None:
    with socket.socket() as one:
        one.settimeout(0.0)
        with suppress(DeniedHere):
            with suppress(BlockingIOError, ConnectionError, TimeoutError):
                one.connect((address, _PORT))
            raise Unproven(
                f"The drill's own command could reach {address}, of the site that reigns",
                safe="Nothing was made, and nothing was asked there.",
                do="This is a defect of liferaft, or of this Python: please report it.",
            )
