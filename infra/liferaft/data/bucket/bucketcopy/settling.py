"""What the site has no more: marked in the vault, and its bytes removed only long after.

A listing may lie: it is cut off, or it is empty, or the site's end began with its objects. So what
is missing once is noted, and marked only when another listing misses it too, a while later. Where
more than half of a bucket are missing that while is an hour. What is marked is not restored (but
see `choosing`), and its bytes stay. What is listed again loses its mark.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

from .lanes import in_lanes
from .listing import listed
from .manifest import Manifest, Version
from .sealing import BACK, GONE, Seal
from .store import Store, StoreRefused

AGAIN: Final = 60
"""Seconds after which a listing that misses an object as well confirms one that did."""
MANY_AGAIN: Final = 3600
"""The same where more than half are missing, of more than FEW."""
FEW: Final = 100


@dataclass(frozen=True)
class Settled:
    """What the site's last listing did without."""

    marked: int = 0
    returned: int = 0
    vanished: int = 0
    """Objects that are missing where these are more than half; none of them is marked yet."""
    of: int = 0


class Settling:
    """The marks in one folder of a vault. Killed anywhere, it does the rest after the next listing:
    a mark's time is on the disk before the mark is in the vault, so it is the same mark."""

    def __init__(self, vault: Store, prefix: str, seal: Seal, held: Manifest) -> None:
        self._vault, self._prefix, self._seal, self._held = vault, prefix, seal, held

    def settle(self, now: float) -> Settled:
        """After a whole listing of the site. Raises Unreached and StoreRefused when it is the vault
        that is at fault; what it refuses of single ones is tried with the next listing."""
        second, total = int(now), len(self._held)
        missing, replaced = list[Version](), list[Version]()
        for one in self._held.unseen():
            (replaced if self._held.has_seen(one.name) else missing).append(one)
        fresh = [one.id for one in (*missing, *replaced) if one.missed is None]
        self._held.note_missed(fresh, second)
        objects = total - len(replaced)
        many = objects > FEW and 2 * len(missing) > objects
        until = second - (MANY_AGAIN if many else AGAIN)
        # A clock that was set back made none of them newer: they wait for it, and no longer.
        due = [one for one in missing if one.missed is not None and one.missed <= until]
        marked = self._mark((*replaced, *due), second)
        returned = self._take_back(second)
        unmarked = len(missing) - len(due)
        vanished = unmarked if many and unmarked else 0
        return Settled(marked, returned, vanished, objects)

    def purge(self, now: float, keep: float) -> int:
        """Removes bytes, and then marks, of what is marked for `keep` seconds, by the host's clock
        and by the vault's: neither alone is believed. A vault that lets nothing be deleted keeps
        them. Returns how many went."""
        there = self._vault_time()
        old = [
            one
            for one in self._held.gone_before(now - keep)
            if one.marked is not None and one.marked <= there - keep
        ]
        purged = 0
        for one, is_gone in in_lanes(self._take_version, old, self._require_reachable):
            if is_gone is True:
                self._held.remove(one.id)
                purged += 1
        self._held.commit()
        return purged

    def _mark(self, gone: Iterable[Version], now: int) -> int:
        def put(one: Version) -> bool:
            since = now if one.missed is None else one.missed
            return self._put(self._seal.mark(one.name, GONE, since))

        came = in_lanes(put, gone, self._require_reachable)
        done = [one.id for one, taken in came if taken is True]
        self._held.note_gone(done)
        return len(done)

    def _take_back(self, now: int) -> int:
        """What is listed again has no mark any more; where a mark may not be removed, a later one
        speaks against it."""

        def take_back(one: Version) -> bool:
            if self._take_marks(one.name):
                return True
            return self._put(self._seal.mark(one.name, BACK, max(now, one.gone or 0)))

        came = in_lanes(take_back, self._held.returned(), self._require_reachable)
        done = [one.id for one, taken in came if taken is True]
        self._held.note_returned(done)
        return len(done)

    def _put(self, mark: str) -> bool:
        try:
            self._vault.ask("PUT", f"{self._prefix}{mark}")
        except StoreRefused as refusal:
            if refusal.is_about_store:
                raise
            return False
        return True

    def _take_version(self, one: Version) -> bool:
        """Bytes first: a mark without bytes hides nothing, and bytes without a mark come back."""
        return self._take(f"{self._prefix}{one.name}") and self._take_marks(one.name)

    def _take_marks(self, name: str) -> bool:
        stems = (f"{self._prefix}{name}{sign}" for sign in (GONE, BACK))
        keys = [one.key for stem in stems for one in listed(self._vault, stem)]
        return all(self._take(key) for key in keys)

    def _take(self, key: str) -> bool:
        """Whether it is not there any more."""
        try:
            self._vault.ask("DELETE", key)
        except StoreRefused as refusal:
            if refusal.passes:
                raise
            return refusal.status == HTTPStatus.NOT_FOUND
        return True

    def _require_reachable(self, _: str) -> None:
        next(listed(self._vault, self._prefix, most=1), None)

    def _vault_time(self) -> float:
        """What the vault's clock says; the beginning of time where it says nothing."""
        query = [("list-type", "2"), ("encoding-type", "url"), ("max-keys", "1")]
        headers, _ = self._vault.ask("GET", query=query)
        with suppress(KeyError, ValueError):
            return parsedate_to_datetime(headers["date"]).timestamp()
        return 0.0
