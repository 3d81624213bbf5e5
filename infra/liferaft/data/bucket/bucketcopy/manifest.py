"""What lies in one folder of a vault, on the host's disk: so a keeper that starts asks the vault
for nothing, and a pass compares its one listing with this.

A keeper may be killed at any moment: what was not written down by then is copied, or marked, again.
A file that is damaged, or is about another folder, is begun anew from a listing of the vault.
"""

import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Any, Final

from .names import packed, twin, unpacked

_SHAPE: Final = 1
"""Of the tables. Another number is another version's file."""
_TABLES: Final = """
create table versions (
    id integer primary key,
    digest blob not null,
    version blob not null,
    missed integer,
    gone integer,
    marked real,
    unique (digest, version)
);
create table facts (name text primary key, value) without rowid;
"""
_CHUNK: Final = 5000
_COMMIT_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Version:
    """A version of an object, in the vault."""

    id: int
    name: str
    missed: int | None
    """The second in which a listing of the site first did without it; None while it is listed."""
    gone: int | None
    """The second since which it is marked as gone from the site."""
    marked: float | None
    """When that mark came, by the vault's clock; None as long as no listing has told."""


class Manifest:
    """Threads may share it. Without a path it is in memory."""

    def __init__(self, prefix: str, path: Path | None = None) -> None:
        self._lock = RLock()
        self._committed = time.monotonic()
        self._rows = _opened(prefix, path)
        self._top, self._seen = 0, bytearray()

    def __len__(self) -> int:
        """Versions that are not marked as gone."""
        return int(self._one("select count(*) from versions where gone is null")[0])

    @property
    def listed(self) -> float:
        """When the vault was listed (Unix seconds); 0 for never."""
        row = self._one("select value from facts where name = 'listed'")
        return float(row[0]) if row else 0.0

    @property
    def last(self) -> int:
        """The number of the version that came last."""
        return int(self._one("select coalesce(max(id), 0) from versions")[0])

    def replace(
        self, found: Iterable[tuple[str, int | None, float | None]], *, until: int, now: float
    ) -> None:
        """Put what the vault lists in place of what was known up to the number `until`: names,
        since when each is marked as gone, and when that mark came. What was missed stays missed.
        All of it or nothing."""
        with self._lock, self._rows:
            self._rows.execute("create temp table found (digest, version, gone, marked)")
            self._rows.executemany(
                "insert into found values (?, ?, ?, ?)",
                ((*packed(name), gone, marked) for name, gone, marked in found),
            )
            self._rows.execute("create index temp.found_by on found (digest, version)")
            self._rows.execute(
                "delete from versions where id <= ? and not exists (select 1 from temp.found listed"
                " where listed.digest = versions.digest and listed.version = versions.version)",
                (until,),
            )
            self._rows.execute(
                "insert into versions (digest, version, missed, gone, marked)"
                " select digest, version, gone, gone, marked from temp.found where true"
                " on conflict (digest, version) do update set gone = excluded.gone,"
                " marked = excluded.marked, missed = coalesce(versions.missed, excluded.missed)"
            )
            self._rows.execute("drop table temp.found")
            self._rows.execute("insert or replace into facts values ('listed', ?)", (now,))

    def begin(self) -> None:
        """A listing of the site begins: nothing of it was seen."""
        with self._lock:
            self._top = self.last
            self._seen = bytearray(self._top // 8 + 1)

    def sees(self, name: str) -> bool:
        """Whether this version, whole or partly, lies in the vault. It is seen then."""
        digest, version = packed(name)
        with self._lock:
            found = self._rows.execute(
                "select id, missed, gone from versions where digest = ? and version in (?, ?)",
                (digest, version, twin(version)),
            ).fetchall()
            for number, missed, gone in found:
                self._note_seen(number)
                if missed is not None and gone is None:
                    self._rows.execute("update versions set missed = null where id = ?", (number,))
        return bool(found)

    def add(self, name: str) -> None:
        """It lies in the vault now, and was seen at the site."""
        with self._lock:
            self._rows.execute(
                "insert into versions (digest, version) values (?, ?)"
                " on conflict (digest, version) do nothing",
                packed(name),
            )
            self.sees(name)
            if time.monotonic() - self._committed >= _COMMIT_SECONDS:
                self.commit()

    def holds(self, digest: str) -> bool:
        """Whether any version of this object lies in the vault, marked or not."""
        wanted = bytes.fromhex(digest)
        return self._one("select 1 from versions where digest = ?", wanted) is not None

    def has_seen(self, name: str) -> bool:
        """Whether any version of this object was seen in the listing, or came with it."""
        digest, _ = packed(name)
        with self._lock:
            found = self._rows.execute("select id from versions where digest = ?", (digest,))
            return any(self._was_seen(number) for (number,) in found.fetchall())

    def unseen(self) -> Iterator[Version]:
        """Versions that are not marked as gone, and that the listing did without."""
        return (one for one in self._each("gone is null") if not self._was_seen(one.id))

    def returned(self) -> Iterator[Version]:
        """Versions that are marked as gone, and that the listing had."""
        return (one for one in self._each("gone is not null") if self._was_seen(one.id))

    def seen(self) -> Iterator[str]:
        return (one.name for one in self._each("true") if self._was_seen(one.id))

    def names(self, *, until: int) -> Iterator[str]:
        """Of those that came first, up to this number."""
        return (one.name for one in self._each("id <= ?", until))

    def gone_before(self, moment: float) -> Iterator[Version]:
        """Versions that were marked by then."""
        return self._each("gone <= ?", int(moment))

    def note_missed(self, numbers: Iterable[int], now: int) -> None:
        """It is on the disk on return."""
        self._update("missed = ?", ((now, one) for one in numbers))

    def note_gone(self, numbers: Iterable[int]) -> None:
        self._update("gone = missed, marked = ?", ((None, one) for one in numbers))

    def note_returned(self, numbers: Iterable[int]) -> None:
        self._update("missed = ?, gone = null, marked = null", ((None, one) for one in numbers))

    def remove(self, number: int) -> None:
        with self._lock:
            self._rows.execute("delete from versions where id = ?", (number,))

    def commit(self) -> None:
        with self._lock:
            self._rows.commit()
            self._committed = time.monotonic()

    def close(self) -> None:
        self.commit()
        self._rows.close()

    def fact(self, name: str) -> str:
        """What was noted under this name; nothing for never."""
        row = self._one("select value from facts where name = ?", name)
        return str(row[0]) if row else ""

    def note_fact(self, name: str, value: str) -> None:
        with self._lock:
            self._rows.execute("insert or replace into facts values (?, ?)", (name, value))
            self.commit()

    def _update(self, change: str, values: Iterable[tuple[Any, int]]) -> None:
        with self._lock:
            self._rows.executemany(f"update versions set {change} where id = ?", values)  # noqa: S608  # of this file
            self.commit()

    def _each(self, condition: str, *values: object) -> Iterator[Version]:
        last = 0
        while True:
            with self._lock:
                found = self._rows.execute(
                    "select id, digest, version, missed, gone, marked from versions"  # noqa: S608  # of this file
                    f" where id > ? and {condition} order by id limit {_CHUNK}",
                    (last, *values),
                ).fetchall()
            for number, digest, version, *times in found:
                yield Version(number, unpacked(digest, version), *times)
            if len(found) < _CHUNK:
                return
            last = found[-1][0]

    def _one(self, query: str, *values: object) -> Any:
        with self._lock:
            return self._rows.execute(query, values).fetchone()

    def _note_seen(self, number: int) -> None:
        if number <= self._top:
            self._seen[number // 8] |= 1 << number % 8

    def _was_seen(self, number: int) -> bool:
        """What came after the listing began was seen: it came with it."""
        return number > self._top or bool(self._seen[number // 8] & 1 << number % 8)


def _opened(prefix: str, path: Path | None) -> sqlite3.Connection:
    if path is None:
        return _made(prefix, ":memory:")
    with suppress(sqlite3.DatabaseError):
        rows = _connected(str(path))
        if _is_whole(rows, prefix):
            return rows
        rows.close()
    for of in ("", "-wal", "-shm"):
        path.with_name(f"{path.name}{of}").unlink(missing_ok=True)
    path.touch(0o600)  # names of objects are root's alone
    return _made(prefix, str(path))


def _is_whole(rows: sqlite3.Connection, prefix: str) -> bool:
    if rows.execute("pragma user_version").fetchone() != (_SHAPE,):
        return False
    if rows.execute("pragma quick_check(1)").fetchone() != ("ok",):
        return False
    known = rows.execute("select value from facts where name = 'prefix'").fetchone()
    return bool(known == (prefix,))


def _made(prefix: str, path: str) -> sqlite3.Connection:
    rows = _connected(path)
    rows.executescript(_TABLES)
    rows.execute("insert into facts values ('prefix', ?)", (prefix,))
    rows.execute(f"pragma user_version = {_SHAPE}")
    rows.commit()
    return rows


def _connected(path: str) -> sqlite3.Connection:
    rows = sqlite3.connect(path, timeout=30, check_same_thread=False)
    rows.execute("pragma journal_mode = wal")
    rows.execute("pragma synchronous = full")
    rows.execute("pragma temp_store = file")
    return rows
