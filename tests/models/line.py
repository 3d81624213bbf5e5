"""The line to what liferaft asks: it counts requests, and fails at one if it is told to."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from threading import Lock


class Killed(BaseException):
    """The operator's process is gone: nothing in it catches this."""


class Trouble(Enum):
    """What may happen to one request."""

    ANSWER_LOST = "answer lost"
    """It is carried out, and whoever asked never hears of it."""
    KILLED_BEFORE = "killed before"
    """Whoever was about to ask is gone."""


@dataclass
class Line:
    """All requests of one process of the operator's, whomever they go to. Thread-safe.

    Attributes:
        trouble: what happens to request number `at`, from 1.
        asked: what was asked so far, in order.
    """

    trouble: Trouble | None = None
    at: int = 0
    asked: list[str] = field(default_factory=list)
    is_dead: bool = False
    _lock: Lock = field(default_factory=Lock)

    @contextmanager
    def request(
        self, what: str, lost: Callable[[str], Exception], *, killed: type[BaseException] = Killed
    ) -> Iterator[None]:
        """Around what carries a request out. `lost`: how its asker sees a lost answer. `killed`:
        what ends an asker that hides from Killed in a thread of its own."""
        with self._lock:
            self.asked.append(what)
            hit = self.trouble is not None and len(self.asked) == self.at
            self.is_dead = self.is_dead or (hit and self.trouble is Trouble.KILLED_BEFORE)
            if self.is_dead:
                raise killed(f"killed before {what}")
        try:
            yield
        except Exception as answer:
            if hit:
                raise lost(what) from answer
            raise
        if hit:
            raise lost(what)
