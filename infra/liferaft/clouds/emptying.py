"""A bucket is emptied by several requests at once, for so long at most, and what is left is told.

What a killed run deleted is gone: the next one lists what is left, and so goes on.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Final, TypeVar

from liferaft.failures import DeadlinePassed

T = TypeVar("T")

LANES: Final = 8
"""Requests at once. S3 takes 3,500 writes a second for a prefix, and a thousand deletions may
count as so many: https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html
"""
SECONDS: Final = 600.0
"""For one try. Less than a step of a move has, so that what is left can be told."""
SAFE: Final = "What is deleted stays deleted; nothing else was touched."


@dataclass
class Emptying:
    """One try at one bucket. `left` says keys of some objects that are there still."""

    cloud: str
    bucket: str
    left: Callable[[], Sequence[str]]
    seconds: float = SECONDS
    deleted: int = 0
    """Versions, markers and uploads so far."""
    _ends: float = field(init=False)

    def __post_init__(self) -> None:
        self._ends = time.monotonic() + self.seconds

    def in_lanes(self, act: Callable[[T], int], things: Iterable[T]) -> None:
        """`act` on each, which says how much it deleted. LANES at once, and no more listed ahead.

        The first failure ends it, once what was begun is through; so does DeadlinePassed.
        """
        for count in _in_lanes(act, things):
            self.deleted += count
            if time.monotonic() > self._ends:
                raise self._passed()

    def _passed(self) -> DeadlinePassed:
        some = ", ".join(repr(key) for key in self.left()[:3])
        left = f"{some} and maybe more are left" if some else "uploads may be left"
        return DeadlinePassed(
            f"{self.cloud}: bucket {self.bucket} was not empty after {self.seconds:.0f} s: "
            f"{self.deleted} objects, versions and uploads are deleted, and {left}",
            safe=SAFE,
            do="Run the same command again; it goes on with what is left.",
            details={"cloud": self.cloud, "bucket": self.bucket},
        )


def _in_lanes(act: Callable[[T], int], things: Iterable[T]) -> Iterator[int]:
    with ThreadPoolExecutor(LANES) as pool:
        begun: set[Future[int]] = set()
        for thing in things:
            if len(begun) == LANES:
                through, begun = wait(begun, return_when=FIRST_COMPLETED)
                yield from (one.result() for one in through)
            begun.add(pool.submit(act, thing))
        while begun:
            through, begun = wait(begun, return_when=FIRST_COMPLETED)
            yield from (one.result() for one in through)
