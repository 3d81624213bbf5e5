"""Many acts at one time, in the order in which they come, without holding all of them."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Final, TypeVar

from .store import Unreached

LANES: Final = 16
_IN_A_ROW: Final = 2 * LANES
"""So many that break off one after the other are no single objects."""

T = TypeVar("T")
R = TypeVar("R")


def in_lanes(
    act: Callable[[T], R], things: Iterable[T], reached: Callable[[str], object]
) -> Iterator[tuple[T, R | Unreached]]:
    """What `act` came to for each, as they end.

    A line that was down for a while is no fault of an object's: what broke off is tried once more
    at the end, and then `reached` is asked about the store that gave no answer. Raises what that
    raises, what `act` raises but for Unreached, and Unreached for many in a row.
    """
    broken: list[T] = []
    row = 0
    for thing, came in _ended(act, things):
        if isinstance(came, Unreached):
            broken.append(thing)
            row += 1
            if row > _IN_A_ROW:
                raise came
        else:
            row = 0
            yield thing, came
    for thing, came in _ended(act, broken):
        if isinstance(came, Unreached):
            reached(came.at)
        yield thing, came


def _ended(act: Callable[[T], R], things: Iterable[T]) -> Iterator[tuple[T, R | Unreached]]:
    with ThreadPoolExecutor(LANES) as pool:
        running: dict[Future[R], T] = {}
        try:
            for thing in things:
                running[pool.submit(act, thing)] = thing
                if len(running) >= 4 * LANES:
                    yield from _taken(running)
            while running:
                yield from _taken(running)
        finally:
            for one in running:
                one.cancel()


def _taken(running: dict[Future[R], T]) -> Iterator[tuple[T, R | Unreached]]:
    """Those that have ended; waits for one."""
    for one in wait(running, return_when=FIRST_COMPLETED).done:
        thing = running.pop(one)
        try:
            yield thing, one.result()
        except Unreached as failure:
            yield thing, failure
