"""A server that answers in a thread of this process for as long as a test needs it."""

from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import BaseServer
from threading import Thread
from typing import TypeVar

LOOKS_SECONDS = 0.01
"""How often it looks whether it may end: the standard library's half a second is waited for."""

Served = TypeVar("Served", bound=BaseServer)


@contextmanager
def serving(server: Served) -> Iterator[Served]:
    """It is closed when the block ends."""
    with server:
        thread = Thread(target=server.serve_forever, args=(LOOKS_SECONDS,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
