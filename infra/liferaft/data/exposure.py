"""What of a data set is in a vault not yet: what would be lost if its site were gone now."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Backlog:
    """What one vault does not have yet of one data set. None is for what is not known, never 0.

    Attributes:
        seconds: for how long the oldest of it has been there.
        size: bytes, as far as they can be told.
        objects: of a bucket.
        why: in words, where the vault lacks it for a reason, or where nothing is known.
    """

    vault: str
    seconds: float | None = None
    size: int | None = None
    objects: int | None = None
    why: str | None = None


def least(lags: Sequence[Backlog]) -> Backlog | None:
    """That of the vault which is least behind: a restore takes what any of them has. None where
    nothing is known. Pure."""
    known = [(one.seconds, one.size or 0, one) for one in lags if one.seconds is not None]
    return min(known, key=lambda row: row[:2])[2] if known else None
