"""The rows that are new since the last reading, whenever their transactions were committed.

Values grow in the order in which they are drawn, and rows appear in the order in which they are
committed: a smaller one may come after a larger one. So each reading looks back: beyond the last
value that was there before any of the transactions began that the reading before it did not see,
and at least LOOKBACK seconds. A transaction draws its values after it began to write, as a rule;
who draws earlier (a sequence with a cache, blocks of ids in the application) has LOOKBACK seconds.
"""

import json
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .manifest import Manifest
from .rows import Reading, Reference, Rows

LOOKBACK: Final = 60.0
_NOTED: Final = "feed"
_NOTE_SECONDS: Final = 10.0


@dataclass(frozen=True)
class _Past:
    """What one reading came to."""

    at: float
    xmax: int
    positions: Sequence[str]


class Feed:
    """`is_new`: nothing is known of rows that were under way when it began. Making one raises
    RowsUnread."""

    def __init__(self, rows: Rows, queries: Sequence[str], held: Manifest, now: float) -> None:
        self._rows, self._queries, self._held = rows, list(queries), held
        noted = json.loads(held.fact(_NOTED) or "{}")
        self.is_new = noted.get("queries") != self._queries
        positions = rows.highest() if self.is_new else noted["positions"]
        self._past = deque([_Past(now, 0, positions)])
        self._xmin = 0
        self._known = set[Reference]()
        self._note(now)

    def new(self, now: float) -> list[Reference]:
        """Rows that no reading before had, in the order of their values. Raises RowsUnread."""
        self._forget(now)
        first = self._past[0]
        reading = self._rows.beyond(first.positions)
        fresh = [row for row in reading.rows if row not in self._known]
        self._known = set(reading.rows)
        self._past.append(_Past(now, reading.xmax, self._reached(reading)))
        self._xmin = reading.xmin
        return fresh

    def _forget(self, now: float) -> None:
        """The oldest past that may be needed becomes the first one, and is noted for a restart."""
        before = self._past[0]
        while len(self._past) > 1:
            following = self._past[1]
            if following.xmax > self._xmin or following.at > now - LOOKBACK:
                break
            self._past.popleft()
        if self._past[0] is not before and now - self._noted_at >= _NOTE_SECONDS:
            self._note(now)

    def _note(self, now: float) -> None:
        """What is noted may be old: then more is read again."""
        self._noted_at = now
        noted = {"queries": self._queries, "positions": list(self._past[0].positions)}
        self._held.note_fact(_NOTED, json.dumps(noted))

    def _reached(self, reading: Reading) -> Sequence[str]:
        """The last value of each query that was seen so far."""
        reached = list(self._past[-1].positions)
        for row in reading.rows:
            reached[row.query] = row.position
        return reached
