"""How long a failover would take from its command on until users are served, by what was measured.

What was measured once with so many bytes is known for as many. For another size two things are
possible: it all took its time whatever the size, or it all grows with it. The truth lies between,
and so does the estimate; how far these are apart is part of its error. Pure.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

LONE: Final = 0.5
"""The error of what was measured once, as a part of it: an assumption, and told as one."""
_NEAREST: Final = 5
"""So many measurements count, those whose amount is nearest to what is asked for."""


@dataclass(frozen=True)
class Measured:
    """Something that took so long. amount: bytes, or segments of WAL; 0 where it has no size."""

    seconds: float
    amount: float = 0.0
    of: str = ""
    """What was measured, for a person."""


@dataclass(frozen=True)
class Measurements:
    """What is on record. around: a whole move without what has a size of its own."""

    around: Sequence[Measured] = ()
    restore: Sequence[Measured] = ()
    replay: Sequence[Measured] = ()


@dataclass(frozen=True)
class Piece:
    """One part of the way back. seconds: None where it was not measured yet."""

    what: str
    seconds: float | None
    error: float | None
    measured: int
    """How often."""
    of: tuple[str, ...] = ()


@dataclass(frozen=True)
class TimeBack:
    """The whole way. seconds, error: None where a piece of it was not measured yet; then `lower` is
    what the others take together."""

    pieces: tuple[Piece, ...]

    @property
    def seconds(self) -> float | None:
        known = [one.seconds for one in self.pieces if one.seconds is not None]
        return round(sum(known), 1) if len(known) == len(self.pieces) else None

    @property
    def error(self) -> float | None:
        """Errors of pieces are added: what was slow once may be slow all the way."""
        if self.seconds is None:
            return None
        return round(sum(one.error or 0.0 for one in self.pieces), 1)

    @property
    def lower(self) -> float:
        return round(sum(one.seconds or 0.0 for one in self.pieces), 1)

    @property
    def lacking(self) -> tuple[str, ...]:
        """What was not measured yet."""
        return tuple(one.what for one in self.pieces if one.seconds is None)

    def to_json(self) -> dict[str, Any]:
        return {
            "seconds": self.seconds,
            "error": self.error,
            "pieces": [vars(one) | {"of": list(one.of)} for one in self.pieces],
        }


def projected(known: Measurements, *, size: int, segments: int) -> TimeBack:
    """From what is on record, for a point of `size` bytes and `segments` of WAL archived since."""
    return TimeBack(
        (
            _piece("all but the data", known.around, 0.0),
            _piece("the restore", known.restore, size),
            _piece("the replay", known.replay, segments),
        )
    )


def _piece(what: str, known: Sequence[Measured], amount: float) -> Piece:
    if not known:
        return Piece(what, None, None, 0)
    near = sorted(known, key=lambda one: _distance(one.amount, amount))[:_NEAREST]
    spans = [_span(one, amount) for one in near]
    low, high = median(span[0] for span in spans), median(span[1] for span in spans)
    seconds = (low + high) / 2
    error = (high - low) / 2 + _scatter(spans)
    named = tuple(dict.fromkeys(one.of for one in near))
    return Piece(what, round(seconds, 1), round(error, 1), len(near), named)


def _span(one: Measured, amount: float) -> tuple[float, float]:
    """Between what it takes if nothing of it depends on the amount, and if all does."""
    if not one.amount:
        return one.seconds, one.seconds
    scaled = one.seconds * amount / one.amount
    return min(one.seconds, scaled), max(one.seconds, scaled)


def _scatter(spans: Iterable[tuple[float, float]]) -> float:
    """Half of what lies between the quickest and the slowest; of a single one, what is assumed."""
    middles = [(low + high) / 2 for low, high in spans]
    if len(middles) == 1:
        return middles[0] * LONE
    return (max(middles) - min(middles)) / 2


def _distance(one: float, other: float) -> float:
    """How many times one is the other; what has no size is as near as anything."""
    low, high = sorted((one, other))
    return high / low if low else 1.0


def sentences(back: TimeBack) -> Iterator[str]:
    """For a person, who decides by it."""
    if back.seconds is None:
        known = f"; the rest takes {back.lower:.0f} s" if back.lower else ""
        yield f"How long it takes to be back was not measured yet: {_listed(back.lacking)}{known}."
        return
    yield f"It takes about {back.seconds:.0f} ± {back.error:.0f} s from the command on to be back."
    for one in back.pieces:
        yield f"{one.what}: {one.seconds:.0f} ± {one.error:.0f} s, by {', '.join(one.of)}."


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
