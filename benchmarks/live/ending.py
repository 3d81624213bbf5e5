"""A run that is told to end: it ends by its `finally`, and its cleaning up is not interrupted."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def end_orderly() -> None:
    """From now on each of ENDING raises SystemExit where the run is."""

    def leave(number: int, _: FrameType | None) -> None:
        sys.exit(128 + number)

    for one in ENDING:
        signal.signal(one, leave)


@contextmanager
def undisturbed(say: Callable[[str], None]) -> Iterator[None]:
    """ENDING is heard, and does not end the block."""

    def go_on(number: int, _: FrameType | None) -> None:
        name = signal.Signals(number).name
        say(f"{name}: what is left is being deleted. Killed now, the next run deletes it.")

    before = {one: signal.signal(one, go_on) for one in ENDING}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
