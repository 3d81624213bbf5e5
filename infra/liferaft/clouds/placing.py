"""Finding room for a server: the next size, then the next zone, until the cloud has some."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from liferaft.clouds.classification import CloudFailure, Verdict
from liferaft.clouds.sizes import Size

T = TypeVar("T")


@dataclass(frozen=True)
class Room:
    """One attempt's size and zone."""

    size: Size
    zone: str


def rooms(sizes: Sequence[Size], zones: Sequence[str]) -> Iterator[Room]:
    """Every size in the first zone, then in the next."""
    return (Room(size, zone) for zone in zones for size in sizes)


def first_with_room(attempts: Iterator[Room], attempt: Callable[[Room], T]) -> T:
    """What `attempt` makes of the first room that the cloud has.

    `attempt` is made only after the one before was refused for want of capacity. Raises
    CloudFailure: the last refusal, with all that was tried in its details, or any other failure.
    """
    tried: list[str] = []
    refused: CloudFailure | None = None
    for room in attempts:
        try:
            return attempt(room)
        except CloudFailure as failure:
            if failure.classification.verdict is not Verdict.CAPACITY:
                raise
            tried.append(f"{room.size.name} in {room.zone}" if room.zone else room.size.name)
            refused = failure
    if refused is None:
        raise ValueError("there was no room to try")
    raise refused.also(tried=", ".join(tried)) from None
