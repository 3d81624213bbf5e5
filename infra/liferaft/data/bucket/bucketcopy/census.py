"""Once an hour all that rows name is compared with what the vault holds.

Readings of rows see each of them once, and give up what is not there for long: what a row names and
no vault has is known by this. The names are in a file beside the manifest, their number is told.
"""

import json
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from .passes import HOUR, Passes
from .rows import Rows, RowsUnread
from .store import StoreRefused, Unreached
from .task import Task

_COMPARED: Final = "compared"
_MISSING: Final = "missing"
_TRIED: Final = 1000
"""Of those that are missing, so many of the newest are asked for at the site: what was stored since
the last listing, and is under way, is not missing."""


class Census:
    """In a thread of its own, beside the readings."""

    def __init__(self, task: Task, rows: Rows, passes: Passes) -> None:
        self._task, self._rows, self._passes = task, rows, passes
        self._pool = ThreadPoolExecutor(1)
        self._under_way: Future[None] | None = None
        self._last = float(passes.held.fact(_COMPARED) or 0)

    def step(self, now: float) -> None:
        """Begins one where it is time."""
        if self._under_way is not None and not self._under_way.done():
            return
        if self._under_way is not None:
            self._under_way.result()
            self._under_way = None
        if not 0 <= now - self._last < HOUR:
            self._last = now
            self._under_way = self._pool.submit(self._compare, now)

    def _compare(self, now: float) -> None:
        """What keeps it from its end is told, and ends no keeper."""
        held = self._passes.held
        try:
            missing = list(self._missing())
            lines = "".join(f"{json.dumps(key)}\n" for key in missing)
            self._task.write(f"manifests/{self._task.instance}.missing", lines)
        except (RowsUnread, OSError, Unreached, StoreRefused) as failure:
            sys.stderr.write(f"what rows name was not compared: {failure}\n")
            sys.stderr.flush()
            return
        held.note_fact(_MISSING, str(len(missing)))
        held.note_fact(_COMPARED, f"{now:.0f}")

    def _missing(self) -> Iterator[str]:
        seal, held = self._task.seal, self._passes.held
        keys = dict.fromkeys(
            key for _, key in self._rows.newest_first() if not held.holds(seal.digest(key))
        )
        for number, key in enumerate(keys):
            if number >= _TRIED or not self._is_brought(key):
                yield key

    def _is_brought(self, key: str) -> bool:
        """Raises what says nothing of this object: a store that is silent has not lost it."""
        try:
            return self._passes.to_vault.take(key)
        except StoreRefused as refusal:
            if refusal.passes or refusal.is_full:
                raise
            return False


def missing_in(passes: Passes) -> int | None:
    """How many objects rows name that the vault lacked when that was compared last; None before."""
    told = passes.held.fact(_MISSING)
    return int(told) if told else None
