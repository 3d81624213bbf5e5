"""How long a provider's thread may work; nothing that it sends afterwards leaves the machine.

Providers wait and ask again by themselves, some for ten minutes. A thread cannot be ended from
outside: one that was given up would write into a zone that was changed again since. Python tells an
audit hook of each connection and each send before it happens, and the hook may forbid it, whichever
library asks (https://docs.python.org/3/library/audit_events.html).
"""

import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

_SENDING: Final = frozenset(
    {
        *("http.client.connect", "http.client.send"),
        *("socket.connect", "socket.sendto", "socket.sendmsg"),
    }
)
OWN_PAUSES: Final[Mapping[str, Mapping[str, int]]] = {
    "octodns_cloudflare.CloudflareProvider": {"retry_count": 8, "retry_period": 2},
    "octodns_desec.DesecProvider": {"max_sleep": 2, "timeout": 10},
}
"""By class: arguments by which it asks again within a step's time, for those that are not given.
Cloudflare's waits 300 s after an answer of 429, 502 or 503, deSEC's up to 600 s
(octodns-cloudflare 1.2, octodns-desec 1.3: their constructors' defaults)."""


class GivenUp(BaseException):
    """Nobody waits for this thread any more. No Exception: providers swallow those."""


class Budget:
    """The time of one provider's thread. Thread-safe."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._is_over = False
        self._is_writing = False
        self._lock = threading.Lock()

    @property
    def left(self) -> float:
        """Seconds, 0 once it is over."""
        return 0.0 if self._is_over else max(self._end - time.monotonic(), 0.0)

    @property
    def is_writing(self) -> bool:
        """The vendor was asked for a change, or may have been."""
        return self._is_writing

    def end(self) -> None:
        """From now on nothing is sent."""
        with self._lock:
            self._is_over = True

    def require_left(self) -> None:
        """Raise GivenUp when it is over."""
        if not self.left:
            raise GivenUp

    def begin_writing(self) -> None:
        """Raise GivenUp, or note that from now on the vendor may have been asked for a change."""
        with self._lock:
            self.require_left()
            self._is_writing = True


class _Mine(threading.local):
    budget: Budget | None = None


_mine = _Mine()


@contextmanager
def spent_here(budget: Budget) -> Iterator[None]:
    """While the block runs, this thread connects and sends on this budget alone."""
    _watch()
    _mine.budget = budget
    try:
        yield
    finally:
        _mine.budget = None


def begin_writing() -> None:
    """As that of this thread's budget; a thread without one may write."""
    if _mine.budget is not None:
        _mine.budget.begin_writing()


@cache
def _watch() -> None:
    """Once for the process: a hook stays for good."""
    sys.addaudithook(_forbid)


def _forbid(event: str, _: tuple[Any, ...]) -> None:
    if event in _SENDING and _mine.budget is not None:
        _mine.budget.require_left()
