"""One vault is brought what it lacks of another's records. What is there already of what was
claimed is never overwritten, and nothing is ever deleted.

By what lies there: killed anywhere it is run again and goes on, and two who do it do the same.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from threading import Lock

from .guard import Guard
from .heads import body_of
from .reached import Found, RecordsVault
from .rules import is_claim, is_epoch, is_forgotten, is_history, turn

LANES = 8
_ONE_BY_ONE = 2
"""Turns of links: the highest is there before the next one is asked for."""


@dataclass(frozen=True)
class RecordsLag:
    """What two listings tell of keys: which the target lacks, which may have another content, which
    it alone has."""

    missing: tuple[str, ...]
    unlike: tuple[str, ...]
    extra: tuple[str, ...]

    @classmethod
    def between(cls, source: Found, target: Found) -> "RecordsLag":
        unlike = (key for key in source if key in target and not _is_alike(source, target, key))
        return cls(
            tuple(sorted(source.keys() - target.keys(), key=lambda key: (turn(key), key))),
            tuple(unlike),
            tuple(sorted(target.keys() - source.keys())),
        )


def _is_alike(source: Found, target: Found, key: str) -> bool:
    here, there = source[key], target[key]
    return (here.etag, here.size) == (there.etag, there.size)


@dataclass
class Bringing:
    """One way through all records of one vault.

    Attributes:
        found: objects that were lacking or seemed to be, when it began.
        changed: objects that were written.
        left: objects that are still lacking.
        told: what a person has to know of those.
    """

    source: RecordsVault
    target: RecordsVault
    guard: Guard
    found: int = 0
    changed: int = 0
    left: int = 0
    told: list[str] = field(default_factory=list)
    _turn: Lock = field(default_factory=Lock)

    def bring(self) -> None:
        """Raises VaultAway of either, and what the guard raises: then all may be gone on with."""
        lag = RecordsLag.between(self.source.records(), self.target.records())
        self.found = len(lag.missing) + len(lag.unlike)
        for place, keys in groupby(lag.missing, key=lambda key: turn(key)[0]):
            self._each(self._bring_missing, keys, lanes=1 if place < _ONE_BY_ONE else LANES)
        self._each(self._settle, lag.unlike)
        self._each(self._keep_alone, lag.extra)
        self._tell_forgotten([key for key in lag.extra if is_forgotten(key)])

    def _each(self, act: Callable[[str], None], keys: Iterable[str], *, lanes: int = LANES) -> None:
        def one(key: str) -> None:
            self.guard.require()
            act(key)

        with ThreadPoolExecutor(lanes) as pool:
            done = [pool.submit(one, key) for key in keys]
            try:
                for each in done:
                    each.result()
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise

    def _bring_missing(self, key: str) -> None:
        if not is_claim(key) and not self.guard.is_free():
            self._leave()
            return
        stored = self._whole(key)
        if stored is None:
            return
        self.target.create(key, stored)  # what somebody else has just written, the next way settles
        self._count()

    def _settle(self, key: str) -> None:
        """In another size or form: the content decides."""
        there = self.target.get(key)
        stored = self._whole(key)
        if stored is None or there == stored:
            return
        if is_claim(key) and there is not None and body_of(key, there) is not None:
            self._tell_of_another(key)
        elif self.guard.is_free():
            self.target.put(key, stored)
            self._count()
        else:
            self._leave()

    def _keep_alone(self, key: str) -> None:
        """What the target alone has. Of history both have all; an epoch is a claim that somebody
        made there."""
        if is_epoch(key):
            self._leave(f"{key} is in vault {self.target.name} alone: somebody claimed it there")
        elif is_history(key) and not is_forgotten(key):
            stored = self.target.get(key)
            if stored is not None and (is_claim(key) or self.guard.is_free()):
                self.source.create(key, stored)
                self._count()

    def _tell_forgotten(self, keys: list[str]) -> None:
        if keys:
            self.left += len(keys)
            self.told.append(
                f"{len(keys)} records that were deleted meanwhile lie in vault {self.target.name} "
                f"({keys[0]}, for one): servers delete nothing, the next deploy, snapshot or "
                "failover does"
            )

    def _tell_of_another(self, key: str) -> None:
        if not is_history(key):
            names = f"in vault {self.target.name} than in vault {self.source.name}"
            self._leave(f"{key} is another {names}: two commands ran at once")

    def _whole(self, key: str) -> bytes | None:
        """As it lies in the source; nothing where that has it no more, or damaged."""
        stored = self.source.get(key)
        if stored is not None and body_of(key, stored) is None:
            self._leave(f"{key} is damaged in vault {self.source.name}")
            return None
        return stored

    def _leave(self, why: str | None = None) -> None:
        with self._turn:
            self.left += 1
            if why is not None:
                self.told.append(why)

    def _count(self) -> None:
        with self._turn:
            self.changed += 1
