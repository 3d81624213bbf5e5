"""Segment arithmetic: which WAL a timeline needs, which of it the vaults hold, where it ends. Pure.

Facts: segments of 16 MiB, names of 24 hexadecimal digits (timeline, high, low); pgBackRest stores
them as NAME-SHA1[.EXT]. https://www.postgresql.org/docs/15/wal-internals.html
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final, Self

SEGMENT_BYTES: Final = 16 * 1024 * 1024
_PER_HIGH: Final = 0x1_0000_0000 // SEGMENT_BYTES
_ARCHIVED: Final = re.compile(r"^([0-9A-F]{24})-[0-9a-f]{40}")


def parse_lsn(text: str) -> int:
    """Bytes since the beginning of WAL, from `16/B374D848`. ValueError when it is none."""
    high, _, low = text.strip().partition("/")
    return (int(high, 16) << 32) + int(low, 16)


def format_lsn(lsn: int) -> str:
    return f"{lsn >> 32:X}/{lsn & 0xFFFFFFFF:X}"


@dataclass(frozen=True, order=True)
class Segment:
    timeline: int
    number: int

    @classmethod
    def parse(cls, name: str) -> Self:
        timeline, high, low = (int(name[start : start + 8], 16) for start in (0, 8, 16))
        return cls(timeline, high * _PER_HIGH + low)

    @property
    def name(self) -> str:
        return f"{self.timeline:08X}{self.number // _PER_HIGH:08X}{self.number % _PER_HIGH:08X}"


def segment_ended_by(lsn: int) -> int:
    """The number N whose (start, end] holds this LSN: a position AT a boundary ends the earlier."""
    return (lsn - 1) // SEGMENT_BYTES


@dataclass(frozen=True)
class Fork:
    """Where a timeline was left for the next one of the history."""

    timeline: int
    lsn: int


@dataclass(frozen=True)
class History:
    """A timeline and the way to it: from NNNNNNNN.history, oldest ancestor first."""

    timeline: int
    forks: tuple[Fork, ...] = ()

    @classmethod
    def parse(cls, timeline: int, text: str) -> Self:
        rows = (line.split("\t") for line in text.splitlines() if line.strip()[:1].isdigit())
        return cls(timeline, tuple(Fork(int(row[0]), parse_lsn(row[1])) for row in rows))

    def segment(self, number: int) -> Segment:
        """The segment this history replays for a number; the one with the fork is the child's."""
        for fork in self.forks:
            if number < fork.lsn // SEGMENT_BYTES:
                return Segment(fork.timeline, number)
        return Segment(self.timeline, number)


def archived(names: Iterable[str]) -> frozenset[Segment]:
    """The whole segments among an archive's file names: no partial ones, histories, labels."""
    found = (_ARCHIVED.match(name) for name in names)
    return frozenset(Segment.parse(match[1]) for match in found if match)


@dataclass(frozen=True)
class Reach:
    """How far a replay can go without a gap, and what lies beyond one."""

    last: Segment
    """The last segment before the end or the first hole."""
    holes: tuple[Segment, ...]
    """Missing although a later one is there."""
    newest: Segment


def reach(held: Collection[Segment], history: History, *, replayed: int) -> Reach:
    """From the segment that a standby's replay LSN has ended in, as far as the vaults go."""
    here = segment_ended_by(replayed)
    numbers = [one.number for one in held if history.segment(one.number) == one]
    newest = max([here, *numbers])
    wanted = (history.segment(number) for number in range(here + 1, newest + 1))
    holes = tuple(segment for segment in wanted if segment not in held)
    last = holes[0].number - 1 if holes else newest
    return Reach(history.segment(last), holes, history.segment(newest))
