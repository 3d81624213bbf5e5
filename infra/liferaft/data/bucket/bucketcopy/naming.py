"""What rows of the application name when a bucket comes back: what is needed first, and at the end.

The rows are those of the database that was restored here. They are asked once for all tries at one
restore, so that all of them bring the same; and at its end once more, for what is missing then.
"""

import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from .lanes import in_lanes
from .listing import listed
from .rows import Rows, RowsUnread
from .store import Store, StoreRefused
from .task import Task

LATER: Final = "only a version that came after that moment is kept"
_TRIES: Final = 5
_PAUSE: Final = 2.0
_PATIENCE: Final = 60.0
"""Seconds after which nobody asks again: what takes so long is no start of a database, and until it
is known what rows name no object comes back."""


def named(task: Task, pause: Callable[[float], object] = time.sleep) -> Mapping[str, int]:
    """Digests of what rows name, with their ranks: the newest of each query come first. Raises
    RowsUnread; without queries there are none."""
    if task.rows is None:
        return {}
    if not _path(task).exists():
        ordered = map(task.seal.digest, keys_named(task, pause))
        task.write(_path(task).name, "".join(f"{digest}\n" for digest in ordered))
    return named_before(task)


def keys_named(task: Task, pause: Callable[[float], object] = time.sleep) -> list[str]:
    """What rows name now, each key once: the newest of each query come first. Raises RowsUnread."""
    if task.rows is None:
        return []
    ranks = dict[str, int]()
    seen = [0] * len(task.references)
    for query, key in _asked(task.rows, pause):
        seen[query] += 1
        ranks[key] = min(seen[query], ranks.get(key, seen[query]))
    return sorted(ranks, key=ranks.__getitem__)


def named_before(task: Task) -> Mapping[str, int]:
    """The same, as the restore has asked for them; none where it could not."""
    with suppress(FileNotFoundError):
        return {digest: rank for rank, digest in enumerate(_path(task).read_text().split())}
    return {}


def _path(task: Task) -> Path:
    return task.state / f"bucket-{task.name}.named"


@dataclass(frozen=True)
class Compared:
    """By key, what rows name and the site does not have, and why; and what it has as of later."""

    missing: Mapping[str, str] = field(default_factory=dict)
    later: Mapping[str, str] = field(default_factory=dict)


def compared(
    task: Task,
    why: Callable[[str], str],
    later: Collection[str],
    pause: Callable[[float], object] = time.sleep,
) -> Compared:
    """At the end of a restore. why: says of a digest why it is not back; later: digests of what is
    back as of later. Raises RowsUnread, Unreached and StoreRefused.

    An application that deletes takes row and object away one after the other: what is missing is
    named by the rows before the site was asked, and by those after it. A listing alone is not
    believed: what it does without is asked for, as the application would.
    """
    if task.rows is None:
        return Compared()
    digest = task.seal.digest
    keys = dict.fromkeys(key for _, key in _asked(task.rows, pause))
    found = list(_lacking(task, keys))
    if found:
        again = {key for _, key in _asked(task.rows, pause)}
        found = [key for key in found if key in again]
    named_later = [key for key in keys if digest(key) in later] if later else []
    return Compared({key: why(digest(key)) for key in found}, dict.fromkeys(named_later, LATER))


def _lacking(task: Task, keys: Iterable[str]) -> Iterator[str]:
    there = {task.seal.digest(one.key) for one in listed(task.site)}
    unlisted = [key for key in keys if task.seal.digest(key) not in there]
    came = in_lanes(lambda key: _is_at(task.site, key), unlisted, lambda _: _ask_anything(task))
    answered = {key for key, is_there in came if is_there is True}
    return (key for key in unlisted if key not in answered)


def _is_at(site: Store, key: str) -> bool:
    try:
        site.ask("HEAD", key)
    except StoreRefused as refusal:
        if refusal.is_about_store:
            raise
        return False
    return True


def _ask_anything(task: Task) -> None:
    next(listed(task.site), None)


def _asked(rows: Rows, pause: Callable[[float], object]) -> list[tuple[int, str]]:
    """A database that is being started anew answers a little later."""
    began = time.monotonic()
    for left in reversed(range(_TRIES)):
        try:
            return list(rows.newest_first())
        except RowsUnread as failure:
            if not left or time.monotonic() - began > _PATIENCE:
                raise
            sys.stderr.write(f"the rows cannot be read, they are asked again: {failure}\n")
            pause(_PAUSE)
    raise AssertionError("unreachable")
