"""Which vaults are taken out of those for which PostgreSQL keeps its WAL. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

SILENT_SECONDS: Final = 15 * 60.0
"""For how long a vault may take nothing."""
OF_FREE: Final = 0.3
"""How much of the disk that is free the WAL may have that waits for a vault."""
FRESH_SECONDS: Final = 180.0
"""A failure that is older says nothing of now: PostgreSQL tries each minute at least."""


@dataclass(frozen=True)
class ArchiveStore:
    """A vault that counts. since: when it last began to take nothing, and failed: when it did so
    last, in Unix seconds; None while it takes what it is given. waiting: bytes of WAL that wait
    for it."""

    name: str
    since: float | None
    failed: float | None
    waiting: int

    def is_silent(self, now: float) -> bool:
        """It took nothing when it was given something last, a moment ago."""
        return self.since is not None and now - (self.failed or 0.0) < FRESH_SECONDS


def to_take_out(
    stores: Sequence[ArchiveStore], *, free: int, now: float
) -> Iterator[tuple[str, str]]:
    """Names of those that PostgreSQL waits for no longer, and why; never the last one that takes
    WAL. free: bytes of its disk."""
    takes = [one for one in stores if not one.is_silent(now)]
    for one in stores:
        if one.is_silent(now) and takes:
            lasted = now - (one.since or now)
            if lasted >= SILENT_SECONDS:
                yield one.name, f"it has taken nothing for {lasted / 60:.0f} minutes"
            elif one.waiting > OF_FREE * free:
                yield one.name, _fills(one, free)
        elif any(2 * other.waiting < one.waiting for other in takes if other is not one) and (
            one.waiting > OF_FREE * free
        ):
            yield one.name, _fills(one, free)


def _fills(store: ArchiveStore, free: int) -> str:
    waits, left = (number / 1024**2 for number in (store.waiting, free))
    return f"{waits:.0f} MiB of WAL wait for it, and the disk has {left:.0f} MiB left"
