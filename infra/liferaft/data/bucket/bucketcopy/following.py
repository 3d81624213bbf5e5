"""What rows name goes into the vault within a second or two, however large the bucket is.

The archive waits for it: `kept/VAULT/NAME` holds a moment, and whatever a row names that was
committed before is in the vault. An object that cannot be had holds that moment up for HOLD
seconds: the row may have been committed before its object is stored, or the object takes long to
copy. After RETRIED seconds it is told, and left to the passes by listing.
"""

import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from .feed import Feed
from .lanes import LANES
from .rows import Reference, RowsUnread
from .store import StoreRefused, Unreached

HOLD: Final = 20.0
RETRIED: Final = 900.0
_LONGEST: Final = 30.0
"""Seconds between two tries."""
MARGIN: Final = 0.5
"""Seconds by which a commit may be seen later than it was written and flushed."""


@dataclass
class _Named:
    """An object that a row names, and that the vault does not have yet."""

    row: Reference
    first: float
    """When it was first read."""
    since: float
    """The row was committed after this moment."""
    due: float
    pause: float = 0.5
    why: str = "the bucket does not have it"
    trial: Future[bool] | None = None
    again: "_Named | None" = None
    """A row that named it while it was tried: what was read for the trial may be older."""


class Following:
    """Readings of rows, one after the other, and copies of what they name beside them."""

    def __init__(self, opens: Callable[[float], Feed], bring: Callable[[str], bool]) -> None:
        self._opens, self._bring = opens, bring
        self._feed: Feed | None = None
        self.opened = 0.0
        """When the first reading was; before it nothing is known of rows that are under way."""
        self._pool = ThreadPoolExecutor(LANES)
        self._named = dict[str, _Named]()
        self._read = 0.0
        """When the last reading began, but for the margin."""
        self.failing = ""
        """Why rows cannot be read now."""

    def step(self, now: float) -> float | None:
        """Reads what is new and has it copied. Returns the moment of which all is in the vault;
        None where that cannot be said."""
        try:
            if self._feed is None:
                self._feed, self.opened = self._opens(now), now
            fresh = self._feed.new(now)
        except RowsUnread as failure:
            self._tell_failing(str(failure))
            self._look(now)
            return None
        self._tell_failing("")
        for row in fresh:
            named = _Named(row, now, since=self._read, due=now)
            known = self._named.setdefault(row.key, named)
            if known is not named and known.trial is not None:
                known.again = known.again or named
        self._read = now - MARGIN
        self._look(now)
        held_up = [one.since for one in self._named.values() if now - one.first < HOLD]
        return min([self._read, *held_up])

    @property
    def is_new(self) -> bool:
        """Whether no keeper before this one has read these rows."""
        return self._feed is not None and self._feed.is_new

    def waiting(self) -> dict[str, float]:
        """What rows name and the vault does not have yet: since when its row is known. Another
        thread may ask."""
        return {key: one.first for key, one in self._named.copy().items()}

    def _look(self, now: float) -> None:
        """What became of those under way; and those that are due are tried."""
        for key, known in list(self._named.items()):
            is_over = known.trial is not None and known.trial.done()
            one = self._after_trial(key, known, now) if is_over else known
            if one is None:
                del self._named[key]
                continue
            self._named[key] = one
            if one.trial is None and now >= one.due:
                one.trial = self._pool.submit(self._bring, key)

    def _after_trial(self, key: str, one: _Named, now: float) -> _Named | None:
        """What is still to be brought; None where nothing is, or where that is given up."""
        if self._is_done(one):
            return one.again
        one.trial, one.again, one.due = None, None, now + one.pause
        one.pause = min(2 * one.pause, _LONGEST)
        if now - one.first < RETRIED:
            return one
        _say(f"a row names {key!r}, and it is not in the vault: {one.why}")
        return None

    def _is_done(self, one: _Named) -> bool:
        assert one.trial is not None
        try:
            is_done = one.trial.result()
        except (StoreRefused, Unreached) as failure:
            one.why = str(failure)
            return False
        one.why = "the bucket does not have it"
        return is_done

    def _tell_failing(self, why: str) -> None:
        """Once, and once when it is over."""
        if why and not self.failing:
            _say(f"the rows cannot be read, the bucket is listed over and over instead: {why}")
        elif self.failing and not why:
            _say("the rows can be read again")
        self.failing = why


def _say(what: str) -> None:
    sys.stderr.write(f"{what}\n")
    sys.stderr.flush()
