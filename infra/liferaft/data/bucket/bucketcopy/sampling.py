"""What a copy has brought, read at the site to its end: what rows name, or what vaults hold.

Each object is held against the versions that vaults have of it, bytes and headers. What is not
there is told apart: a vault has it and the copy has not brought it yet, or nobody has it.
"""

import hashlib
import json
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from itertools import islice
from typing import Any, Final, Literal, TypeVar

from .kept import Kept
from .lanes import in_lanes
from .listing import Listed, listed
from .names import is_ours
from .naming import keys_named
from .restore import LOST, record_of, recorded
from .rows import RowsUnread
from .sealing import SealBroken
from .shelf import shelf
from .store import Store, StoreRefused, Unreached, insist
from .task import Task
from .to_site import MADE, NOT_RESTORED, THERE
from .uploads import PIECE
from .verify import TOLD, sample_of

NEWEST: Final = 100
ANY: Final = 200
UNDERWAY: Final = "a vault has it, and the copy has not brought it yet"
NOT_BROUGHT: Final = "a vault has it, and the copy could not bring it"
DELETED: Final = "it was there and was deleted since"
_COARSE: Final = 2.0
"""Seconds: such times are told without fractions."""
OTHER: Final = "it is no version of it that a vault has"

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Sampled:
    """What was found of one object. `spared`: nobody says that it should still be there."""

    came: Literal["read", "missing", "underway", "other", "spared"]
    key: str
    why: str = ""
    size: int = 0


def sample(task: Task) -> Mapping[str, Any]:
    """The newest and some by chance. `of`: how many there are; `rows_unread`: why it is not known
    what rows name. Raises Unreached and StoreRefused."""
    run = _Sampling(task)
    try:
        count, found = run.of_rows() if task.references else run.of_vaults()
    except RowsUnread as failure:
        return _told(0, (), str(failure))
    return _told(count, found, "")


def _told(count: int, found: Sequence[Sampled], rows_unread: str) -> Mapping[str, Any]:
    read = [one for one in found if one.came == "read"]
    told: dict[str, Any] = {"of": count, "rows_unread": rows_unread}
    told |= {"read": len(read), "read_size": sum(one.size for one in read)}
    for came in ("missing", "underway", "other"):
        names = {one.key: one.why for one in found if one.came == came}
        told |= {came: dict(islice(sorted(names.items()), TOLD)), f"{came}_count": len(names)}
    return told


class _Sampling:
    """One look at a site's bucket. Threads share it."""

    def __init__(self, task: Task) -> None:
        self._task, self._vaults, self._digest = task, task.vaults(), task.seal.digest
        self._made = recorded(task, MADE)
        self._had = recorded(task, MADE, THERE)
        self._left = recorded(task, NOT_RESTORED)
        self._copied = _written_at(task)

    def of_rows(self) -> tuple[int, Sequence[Sampled]]:
        """An application that deletes takes row and object away one after the other: what is not
        there counts if rows still name it afterwards. Raises RowsUnread."""
        keys = keys_named(self._task)
        rest = keys[NEWEST:]
        some = random.sample(rest, min(ANY, len(rest)))
        found = self._looked([*keys[:NEWEST], *some])
        if any(one.came in ("missing", "underway") for one in found):
            still = set(keys_named(self._task))
            found = [one if one.key in still else replace(one, came="spared") for one in found]
        return len(keys), found

    def of_vaults(self) -> tuple[int, Sequence[Sampled]]:
        """No row says what should be there: what the site had and has no more is not missed, nor is
        what the site that reigns has put into the vaults since the copy looked. That the copy left
        nothing out is for who compares listings before (`CopyOnTrial`)."""
        digests = set[str]()

        def standing() -> Iterator[Listed]:
            for prefix in self._task.prefixes:
                there = shelf(self._vaults, prefix, self._task.seal)
                for one in there.standing(self._task.as_of):
                    if there.digest(one) not in digests:
                        digests.add(there.digest(one))
                        yield one

        wanted = sample_of(standing(), newest=NEWEST, others=ANY)
        keys, found = list[str](), list[Sampled]()
        for one, came in self._each(self._key_of, wanted):
            if isinstance(came, SealBroken):
                found.append(Sampled("other", one.key, str(came)))
            else:
                keys.append(came)
        for came_of in self._looked(keys):
            was_there = came_of.came == "missing" and self._digest(came_of.key) in self._had
            is_spared = was_there or came_of.came == "underway"
            found.append(replace(came_of, came="spared") if is_spared else came_of)
        return len(digests), found

    def _looked(self, keys: Sequence[str]) -> list[Sampled]:
        return [one for _, one in self._each(self._look_at, keys)]

    def _each(self, act: Callable[[T], R], things: Iterable[T]) -> Iterator[tuple[T, R]]:
        """Raises Unreached where a store gave no answer: nothing is known of the object then."""
        for thing, came in in_lanes(act, things, self._require_reachable):
            if isinstance(came, Unreached):
                raise came
            yield thing, came

    def _require_reachable(self, at: str) -> None:
        if at == self._task.site.name:
            next(listed(self._task.site), None)
        else:
            self._vaults.require_reachable(at)

    def _look_at(self, key: str) -> Sampled:
        digest = self._digest(key)
        try:
            there = insist(lambda: self._at_site(key))
        except StoreRefused as refusal:
            if refusal.status != HTTPStatus.NOT_FOUND:
                raise
            return self._absent(key, digest)
        well = Sampled("read", key, size=there.size)
        if digest not in self._made or self._is_newer_than_copy(there.headers):
            return well  # the application put it there
        why = self._differs(digest, there)
        return Sampled("other", key, why) if why else well

    def _absent(self, key: str, digest: str) -> Sampled:
        if digest in self._had:
            return Sampled("missing", key, DELETED)
        if digest in self._left:
            return Sampled("missing", key, NOT_BROUGHT)
        if next(self._versions(digest), None) is not None:
            return Sampled("underway", key, UNDERWAY)
        silent = " and ".join(self._vaults.silent)
        lost = f"no vault that answers has it, and {silent} does not answer" if silent else LOST
        return Sampled("missing", key, lost)

    def _differs(self, digest: str, there: "_Content") -> str:
        """Why what is there is none of its versions; nothing where it is one. The site that reigns
        may have replaced it since it was copied: any version will do."""
        why = ""
        for one in sorted(self._versions(digest), key=lambda one: one.modified, reverse=True):
            try:
                kept, held = self._opened(one)
            except SealBroken as damage:
                why = why or f"it is damaged in the vault: {damage}"
                continue
            others = kept.differing(there.headers, self._task.site.dialect.meta)
            if held != there.digest:
                why = why or OTHER
            elif others:
                why = f"it has another {', '.join(others)} than in the vault"
            else:
                return ""
        return why

    def _versions(self, digest: str) -> Iterator[Listed]:
        for prefix in self._task.prefixes:
            for one in self._vaults.listed(f"{prefix}{digest}"):
                if is_ours(one.key.removeprefix(prefix)):
                    yield one

    def _key_of(self, one: Listed) -> str | SealBroken:
        try:
            return self._opened(one)[0].key
        except SealBroken as damage:
            return damage

    def _opened(self, one: Listed) -> tuple[Kept, str]:
        """The header of a version in the vault and the digest of its bytes. Raises SealBroken."""

        def read(vault: Store) -> tuple[Kept, str]:
            with vault.open("GET", one.key) as answer:
                parts = self._task.seal.opened(answer.pieces(PIECE))
                kept = Kept.from_json(json.loads(next(parts)))
                return kept, _summed(parts)

        return self._vaults.of_one(one.key, lambda vault: insist(lambda: read(vault)))

    def _at_site(self, key: str) -> "_Content":
        with self._task.site.open("GET", key) as answer:
            return _Content(answer.headers, answer.size, _summed(answer.pieces(PIECE)))

    def _is_newer_than_copy(self, headers: Mapping[str, str]) -> bool:
        """By the store's own clock: so the application has replaced it."""
        told = [headers.get("last-modified"), headers.get("date")]
        moments = [parsedate_to_datetime(one) for one in told if one]
        if len(moments) < len(told):
            return False
        age = (moments[1] - moments[0]).total_seconds()
        return age + _COARSE < time.time() - self._copied


@dataclass(frozen=True)
class _Content:
    """An object as the site gives it."""

    headers: Mapping[str, str]
    size: int
    digest: str


def _summed(parts: Iterable[bytes]) -> str:
    found = hashlib.sha256()
    for part in parts:
        found.update(part)
    return found.hexdigest()


def _written_at(task: Task) -> float:
    """When the copy noted its last object, by this host's clock; now where it noted none."""
    try:
        return (task.state / record_of(task)).stat().st_mtime
    except FileNotFoundError:
        return time.time()
