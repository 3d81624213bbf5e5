"""The engine's states, as they lie in the vault: sealed by their operators, and opened by nobody
here. What is replaced is kept among the engine's own backups."""

from collections.abc import Callable
from dataclasses import dataclass

from .guard import Guard
from .reached import RecordsVault
from .rules import STATES, backup_of, is_state


@dataclass
class StatesBrought:
    """changed: states that were written. left: states that still are others there."""

    source: RecordsVault
    target: RecordsVault
    guard: Guard
    nanoseconds: Callable[[], int]
    changed: int = 0
    left: int = 0

    def bring(self) -> None:
        """Raises what `Bringing.bring` raises."""
        here, there = self.source.look(STATES), self.target.look(STATES)
        for key in sorted(filter(is_state, here)):
            self.guard.require()
            known = there.get(key)
            if known is None or (known.etag, known.size) != (here[key].etag, here[key].size):
                self._bring(key)

    def _bring(self, key: str) -> None:
        before, stored = self.target.get(key), self.source.get(key)
        if stored is None or stored == before:
            return
        if not self.guard.is_free():
            self.left += 1
            return
        if before is None:
            self.target.create(key, stored)
        else:
            kept = backup_of(key, self.nanoseconds())
            if kept is not None:
                self.target.create(kept, before)
            self.target.put(key, stored)
        self.changed += 1
