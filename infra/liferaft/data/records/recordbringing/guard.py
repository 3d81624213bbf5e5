"""What has to hold while a vault is brought records: that this server's epoch still reigns, that no
command writes what is written anew, and that there is time left."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from .heard import is_busy
from .reached import RecordsVault
from .rules import EPOCHS, highest

_AGAIN_SECONDS = 20.0
"""So old an answer may be by which more is created: what is created is true whoever reigns."""
_BUSY_SECONDS = 1.0
"""So old an answer may be by which something is overwritten."""


class EpochOver(Exception):
    """Another epoch has begun, or this one is nobody's: this server brings nothing any more."""


class NoTime(Exception):
    """The next call goes on."""


@dataclass
class Guard:
    """epoch: this server's. source: the vault that is brought from. until: by `clock`."""

    epoch: int
    source: RecordsVault
    others: Sequence[RecordsVault]
    until: float
    now: Callable[[], datetime]
    clock: Callable[[], float] = time.monotonic
    _asked: float | None = None
    _free: tuple[float, bool] | None = None
    _turn: Lock = field(default_factory=Lock)

    def require(self) -> None:
        """Raises EpochOver, NoTime, and VaultAway."""
        with self._turn:
            if self.clock() > self.until:
                raise NoTime("there was no time for more")
            if self._asked is None or self.clock() - self._asked > _AGAIN_SECONDS:
                require_epoch(self.epoch, (self.source, *self.others))
                self._asked = self.clock()

    def is_free(self) -> bool:
        """Whether no command is under way in any of these: whoever does not reach one of them has
        a lease in the other."""
        with self._turn:
            if self._free is None or self.clock() - self._free[0] > _BUSY_SECONDS:
                both = (self.source, *self.others)
                self._free = (self.clock(), not any(is_busy(one, self.now()) for one in both))
            return self._free[1]


def require_epoch(epoch: int, vaults: Sequence[RecordsVault]) -> None:
    """Raises EpochOver where another epoch has begun in any of these."""
    for one in vaults:
        found = highest(EPOCHS, one.look(EPOCHS))
        if found > epoch:
            raise EpochOver(f"epoch {found:08} reigns, and this server is of {epoch:08}")
