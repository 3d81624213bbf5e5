"""One vault is put back to a moment: what was overwritten or deleted since is copied over, what
came since is hidden. Nothing is destroyed, so that it can be undone in the same way.

It is done by what is there and never by a note of what was done: killed anywhere, running it again
goes on.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Self

from liferaft.vault import layout
from liferaft.vault.given_out import highest_given_out
from liferaft.vault.past import Past
from liferaft.vault.versions import LANES, Versions

Watch = Callable[[int, int], None]
"""Told how many objects of how many are done."""


@dataclass(frozen=True)
class PuttingBack:
    """What has to be done to one vault.

    Attributes:
        moment: as of just before which it is to be.
        overwritten, deleted, new: what happened since to the objects that are not as they were.
        kept: how many objects are as they were.
        epochs: the highest number that was given out to a reign, whatever became of its record.
    """

    versions: Versions
    moment: datetime
    overwritten: tuple[Past, ...]
    deleted: tuple[Past, ...]
    new: tuple[Past, ...]
    kept: int
    epochs: int
    pasts: Mapping[str, Past] = field(repr=False)

    @classmethod
    def of(cls, versions: Versions, moment: datetime) -> Self:
        """List every version. Blocks; raises VaultFailure."""
        pasts = versions.before(moment)
        ours = [past for key, past in sorted(pasts.items()) if not layout.is_of_putting_back(key)]
        unlike = [past for past in ours if not past.is_alike]
        overwritten = [past for past in unlike if past.was_there and past.is_there]
        with ThreadPoolExecutor(LANES) as pool:
            copied = list(pool.map(versions.is_copy, overwritten))
        return cls(
            versions,
            moment,
            tuple(past for past, is_copy in zip(overwritten, copied, strict=True) if not is_copy),
            tuple(past for past in unlike if past.was_there and not past.is_there),
            tuple(past for past in unlike if not past.was_there),
            sum(past.was_there and past.is_alike for past in ours) + sum(copied),
            highest_given_out(pasts),
            pasts,
        )

    @property
    def vault(self) -> str:
        return self.versions.name

    @property
    def lost(self) -> tuple[Past, ...]:
        """What was there then and is not now."""
        return (*self.overwritten, *self.deleted)

    @property
    def count(self) -> int:
        """How many objects are touched."""
        return len(self.lost) + len(self.new)

    @property
    def bytes_copied(self) -> int:
        return sum(past.then.size for past in self.lost if past.then is not None)

    def run(self, watch: Watch = lambda _done, _all: None) -> None:
        """Do it. What was lost comes back before anything is hidden. Raises VaultFailure."""
        done, turn = 0, Lock()

        def act(past: Past) -> None:
            nonlocal done
            if past.then is not None and past.was_there:
                self.versions.copy_over(past.key, past.then)
            else:
                self.versions.hide(past.key)
            with turn:
                done += 1
                watch(done, self.count)

        with ThreadPoolExecutor(LANES) as pool:
            for group in (self.lost, self.new):
                list(pool.map(act, group))
