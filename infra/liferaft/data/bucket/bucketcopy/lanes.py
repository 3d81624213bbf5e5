"""Many acts at one time, in the order in which they come, without holding all of them."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from operator import attrgetter
from queue import SimpleQueue
from typing import Final, TypeVar

from .store import StoreRefused, Unreached

LANES: Final = 16
_IN_A_ROW: Final = 2 * LANES
"""So many that break off one after the other are no single objects."""

T = TypeVar("T")
R = TypeVar("R")


def in_lanes(
    act: Callable[[T], R],
    things: Iterable[T],
    reached: Callable[[str], object],
    *,
    stops: Callable[[StoreRefused], bool] = attrgetter("passes"),
) -> Iterator[tuple[T, R | Unreached]]:
    """What `act` came to for each, as they end.

    A line that was down for a while is no fault of an object's, nor is a store that was busy: what
    broke off, or came to a refusal that `stops`, is tried once more at the end, and then `reached`
    is asked about a store that gave no answer. Raises what that raises, what `act` raises but for
    Unreached, and Unreached or such a StoreRefused for many in a row.
    """
    broken: list[T] = []
    row = _Row(stops)
    for thing, came in _as_they_end(act, things):
        if row.goes_on_with(came):
            broken.append(thing)
        else:
            yield thing, came
    row = _Row(stops)
    for thing, came in _as_they_end(act, broken):
        row.goes_on_with(came)
        if isinstance(came, Unreached):
            reached(came.at)
        yield thing, came


@dataclass
class _Row:
    """Faults that may be the store's, one after the other."""

    stops: Callable[[StoreRefused], bool]
    length: int = 0

    def goes_on_with(self, came: object) -> bool:
        """Whether it is one more. Raises it where there are too many for single objects."""
        if not isinstance(came, Unreached) and not (
            isinstance(came, StoreRefused) and self.stops(came)
        ):
            self.length = 0
            return False
        self.length += 1
        if self.length > _IN_A_ROW:
            raise came
        return True


def _as_they_end(act: Callable[[T], R], things: Iterable[T]) -> Iterator[tuple[T, R | Unreached]]:
    running: dict[Future[R], T] = {}
    ended: SimpleQueue[Future[R]] = SimpleQueue()

    def one_more() -> tuple[T, R | Unreached]:
        one = ended.get()
        thing = running.pop(one)
        try:
            return thing, one.result()
        except Unreached as failure:
            return thing, failure

    with ThreadPoolExecutor(LANES) as pool:
        try:
            for thing in things:
                one = pool.submit(act, thing)
                running[one] = thing
                one.add_done_callback(ended.put)
                if len(running) >= 4 * LANES:
                    yield one_more()
            while running:
                yield one_more()
        finally:
            for one in running:
                one.cancel()
