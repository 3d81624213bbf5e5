"""Passes by listing: one listing of the site, and what follows from it."""

import sys
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from .feed import LOOKBACK
from .following import Following
from .manifest import Manifest
from .settling import Settled, Settling
from .store import StoreRefused, Unreached
from .task import Task
from .to_vault import Pass, ToVault

RELISTED: Final = 86_400.0
"""Seconds after which the vault is listed again: others may have taken something away."""
HOUR: Final = 3600.0
"""Seconds between two passes where rows say what is new."""
LEAST: Final = 1.0
MOST: Final = 10.0
"""Seconds of a pause."""
_LONGER: Final = 2.0
_AGAIN: Final = 60.0
"""Seconds after which a pass that failed is tried again."""
_PASSED: Final = "passed"
_ENDED: Final = "ended"


class Passes:
    """One after the other. Nothing stays in memory but what was told."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self.held = Manifest(task.prefixes[0], task.state / "manifests" / task.instance)
        there = (task.vault, task.prefixes[0], task.seal)
        self.to_vault = ToVault(task.site, *there, self.held)
        self._settling = Settling(*there, self.held)
        self._told = set[str]()
        self._vanished = False
        self.failing = ""
        """Why the bucket was not listed and copied when that was tried last."""

    @property
    def ended(self) -> float:
        """When the last whole pass was through, of this process or one before; 0 for never."""
        return float(self.held.fact(_ENDED) or 0)

    def run(self) -> float | None:
        """One pass. When it began: the vault has every object that was stored before, but for those
        that are told. None where the site gave nothing, though it was asked."""
        if not 0 <= time.time() - self.held.listed < RELISTED:
            self.to_vault.list_vault()
            self._settling.purge(time.time(), self._task.keep_deleted)
        began = time.time()
        came = self.to_vault.run()
        self._told = _tell(came, self._told)
        self._tell_vanished(self._settling.settle(time.time()))
        if came.is_in_doubt:
            return None
        self.held.note_fact(_ENDED, f"{int(time.time())}")
        return began

    def _tell_vanished(self, settled: Settled) -> None:
        """Says once that a bucket is emptied, or looks so."""
        if settled.vanished and not self._vanished:
            sys.stderr.write(
                f"MORE THAN HALF OF BUCKET {self._task.name} IS MISSING at the site:"
                f" {settled.vanished} of {settled.of} objects. Vault {self._task.vault_name} keeps"
                " all of them. They count as deleted if they are still missing in an hour.\n"
            )
            sys.stderr.flush()
        self._vanished = bool(settled.vanished)


class Hourly:
    """Passes beside the readings of rows: one an hour, but one after the other while rows cannot be
    read, and until one began so late that no row is left of before their first reading."""

    def __init__(self, passes: Passes) -> None:
        self._passes, self._pool = passes, ThreadPoolExecutor(1)
        self._under_way: Future[float | None] | None = None
        self._began = 0.0
        self._due = 0.0
        self._took: deque[float] = deque(maxlen=5)
        self._last = float(passes.held.fact(_PASSED) or 0)

    def covers_all_before(self, following: Following) -> bool:
        """Whether a pass has brought what rows name that were there when the readings began, in
        this process or in one before."""
        known = following.opened + LOOKBACK if following.is_new else 0.0
        return self._last > known

    def step(self, now: float, following: Following) -> float | None:
        """Begins one where it is time. The moment of one that ended just now. Raises what the first
        one of this process raises."""
        moment = None
        if self._under_way is not None and self._under_way.done():
            moment = self._ended(self._under_way, now)
            self._under_way = None
        if self._under_way is None and now >= self._due and self._is_time(now, following):
            self._began = now
            self._under_way = self._pool.submit(self._passes.run)
        return moment

    def _is_time(self, now: float, following: Following) -> bool:
        if following.failing or not self.covers_all_before(following):
            return True
        return not 0 <= now - self._last < HOUR

    def _ended(self, one: Future[float | None], now: float) -> float | None:
        try:
            moment = one.result()
        except (StoreRefused, Unreached) as failure:
            if not self._took:
                raise
            sys.stderr.write(f"the bucket could not be listed and copied: {failure}\n")
            sys.stderr.flush()
            self._due, self._passes.failing = now + _AGAIN, str(failure)
            return None
        self._passes.failing = ""
        self._took.appendleft(now - self._began)
        self._due = now + pause_after(self._took)
        self._last = self._began
        self._passes.held.note_fact(_PASSED, f"{self._began:.0f}")
        return moment


def pause_after(took: Sequence[float]) -> float:
    """Seconds, from those that the last passes took, the last one first.

    Twice the usual pass, so that a large bucket is not listed without pause. The usual one is the
    shortest: one that waited for a dead line is no measure. After it, or after one with much to
    copy, there is no pause at all: what was stored meanwhile and the archive wait. Pure.
    """
    usual = min(took)
    if took[0] > 2 * usual + _LONGER:
        return 0.0
    return min(max(2 * usual, LEAST), MOST)


def _tell(came: Pass, told: set[str]) -> set[str]:
    """Says once what is left out; returns what is known to be."""
    for key in sorted(came.left_out.keys() - told):
        sys.stderr.write(f"left out: {key!r}: {came.left_out[key]}\n")
    sys.stderr.flush()
    return set(came.left_out)
