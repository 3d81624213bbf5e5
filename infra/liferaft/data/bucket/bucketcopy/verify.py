"""Whether what the vault holds of a bucket can be opened: each object is read to its end."""

import heapq
import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from http import HTTPStatus
from itertools import islice
from operator import attrgetter
from typing import Any

from .kept import Kept
from .lanes import in_lanes
from .listing import Listed, listed
from .sealing import DIGITS, SealBroken
from .shelf import shelf
from .store import StoreRefused, Unreached, insist
from .task import Task
from .uploads import PIECE

TOLD = 100
"""Names in one answer."""
_NEWEST = 100
_ANY = 200
"""Of a sample: those that came last, and some of all."""

Take = Callable[[Listed, Iterator[bytes]], int]
"""Takes the bytes of an object and says how many; perhaps once more, from its beginning."""
Done = Callable[[Listed, Kept], None]
"""What is done once an object was opened to its end."""


def verify(task: Task) -> Mapping[str, Any]:
    """A sample."""
    return open_objects(task, whole=False)


def verify_all(task: Task) -> Mapping[str, Any]:
    """Every object that a restore would bring."""
    return open_objects(task, whole=True)


def _count(_: Listed, content: Iterator[bytes]) -> int:
    return sum(map(len, content))


def open_objects(
    task: Task, *, whole: bool, take: Take = _count, done: Done = lambda *_: None
) -> Mapping[str, Any]:
    """Only the vault is asked. `damaged` is told by name in the vault. Raises Unreached and
    StoreRefused where it does not answer for an object."""

    def read(one: Listed) -> int | SealBroken:
        try:
            kept = _opened(task, one, take)
        except SealBroken as damage:
            return damage
        if kept is None:
            return 0
        done(one, kept)
        return kept.size

    digests, size = set[str](), 0

    def counted() -> Iterator[Listed]:
        nonlocal size
        for prefix in task.prefixes:
            there = shelf(task.vault, prefix, task.seal)
            for one in there.standing(task.as_of):
                digests.add(there.digest(one))
                size += one.size
                yield one

    wanted = counted() if whole else sample_of(counted(), newest=_NEWEST, others=_ANY)
    came, bytes_read, damaged = 0, 0, dict[str, str]()
    for one, found in in_lanes(read, wanted, lambda _: next(listed(task.vault), None)):
        if isinstance(found, Unreached):
            raise found  # tried twice: nothing is known of it
        if isinstance(found, int):
            came, bytes_read = came + 1, bytes_read + found
        else:
            damaged[one.key] = str(found)
    return {
        "objects": len(digests),
        "size": size,
        "read": came,
        "read_size": bytes_read,
        "damaged": dict(islice(sorted(damaged.items()), TOLD)),
        "damaged_count": len(damaged),
    }


def _opened(task: Task, one: Listed, take: Take) -> Kept | None:
    """The header of an object that is what its name and its header say, to its end; None where a
    newer version has taken its place meanwhile. Raises SealBroken, and Unreached where nothing is
    known."""

    def read_once() -> Kept:
        with task.vault.open("GET", one.key) as answer:
            parts = task.seal.opened(answer.pieces(PIECE))
            try:
                kept = Kept.from_json(json.loads(next(parts)))
            except (ValueError, TypeError) as error:
                raise SealBroken(f"its header cannot be read: {error}") from error
            own = task.seal.name(kept.key, kept.identity, partly=bool(kept.lacks))
            if own != one.key.rpartition("/")[2]:
                raise SealBroken("it lies under another object's name, or another version's")
            if take(one, parts) != kept.size:
                raise SealBroken("it does not have the size that its header says")
            return kept

    try:
        return insist(read_once)
    except StoreRefused as refusal:
        if refusal.status == HTTPStatus.NOT_FOUND:
            digest = one.key[: one.key.rindex("/") + 1 + DIGITS]
            if next(listed(task.vault, digest), None) is not None:
                return None
            raise SealBroken("it is gone from the vault since it was listed") from None
        if refusal.is_archived or refusal.is_about_one:
            raise SealBroken(str(refusal)) from None
        raise Unreached(refusal.at, str(refusal)) from None


def sample_of(everything: Iterable[Listed], *, newest: int, others: int) -> list[Listed]:
    """So many that came last, and so many of all. Without holding all of them: one after the other
    takes the place of another by chance."""
    last: list[tuple[str, str, Listed]] = []
    chosen: list[Listed] = []
    for number, one in enumerate(everything):
        entry = (one.modified, one.key, one)
        if len(last) < newest:
            heapq.heappush(last, entry)
        else:
            heapq.heappushpop(last, entry)
        if len(chosen) < others:
            chosen.append(one)
        elif (place := random.randrange(number + 1)) < others:  # noqa: S311 - a sample
            chosen[place] = one
    both = {one.key: one for one in (*chosen, *(entry[2] for entry in last))}
    return sorted(both.values(), key=attrgetter("key"))
