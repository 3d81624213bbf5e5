"""Rows that can be read late alone bring what they name, and what is told of it is so."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import NoReturn

import pytest
from tests.data.bucket.bucketcopy.conftest import Place, contents, kept, progress
from tests.data.bucket.bucketcopy.scripted_rows import ScriptedRows
from tests.data.bucket.bucketcopy.test_naming import rows_of, task, told

from liferaft.data.bucket.bucketcopy import naming
from liferaft.data.bucket.bucketcopy.restore import HELD, LOST, restore
from liferaft.data.bucket.bucketcopy.rows import RowsUnread
from liferaft.data.bucket.bucketcopy.sealing import GONE
from liferaft.data.bucket.bucketcopy.task import Task


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(naming, "_PAUSE", 0.0)


class LateRows(ScriptedRows):
    """They cannot be read when a restore begins, for longer than it asks again."""

    asks = 0

    def newest_first(self) -> Iterator[tuple[int, str]]:
        self.asks += 1
        if self.asks <= naming._TRIES:
            raise RowsUnread("the database system is starting up")
        return super().newest_first()


def mark_gone(place: Place, key: str) -> None:
    """The site's end began with this object: it is marked, and a row names it still."""
    at = int(time.time()) - 60
    digest, prefix = place.task("site").seal.digest(key), place.task("site").prefixes[0]
    [name] = [one for one in place.flat.bucket("vault") if digest in one]
    mark = place.task("site").seal.mark(name.removeprefix(prefix), GONE, at)
    place.flat.put("vault", f"{prefix}{mark}", b"")


def test_rows_that_could_be_read_in_the_end_alone_bring_what_they_name_all_the_same(
    place: Place,
) -> None:
    for key in ("one", "two"):
        place.flat.put("site", key, b"x")
    kept(place)
    mark_gone(place, "one")
    rows = LateRows()
    for key in ("one", "two", "lost"):
        rows.write(key)
    restore(task(place, rows))
    assert set(contents(place, "new")) == {"one", "two"}
    assert told(place, "missing") == {"lost": LOST}
    assert (progress(place)["rows_unread"], progress(place)["named_left"]) == ("", 1)


def test_what_a_vault_has_is_never_told_as_lost(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.flat.put("site", "one", b"x")
    kept(place)
    mark_gone(place, "one")
    rows = LateRows()
    rows.write("one")

    def silent_again(_: Task) -> NoReturn:
        raise RowsUnread("the connection was closed")

    monkeypatch.setattr("liferaft.data.bucket.bucketcopy.restore.named", silent_again)
    rows.asks = naming._TRIES
    restore(task(place, rows))
    assert told(place, "missing") == {"one": HELD}
    assert progress(place)["rows_unread"] == "", "what is missing is known"


def test_what_came_as_of_later_is_told_though_an_earlier_try_brought_it(place: Place) -> None:
    place.flat.put("site", "one", b"x")
    kept(place)
    as_of = replace(task(place, rows_of("one")), as_of=time.time() - 3600)
    restore(as_of)
    assert set(told(place, "later")) == {"one"}
    (place.state / "bucket-media.later").unlink()
    restore(as_of)
    assert set(told(place, "later")) == {"one"}


def test_rows_that_take_minutes_to_say_nothing_hold_no_object_up_for_an_hour(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table that is locked, or a query that never ends, is asked once at a time."""
    monkeypatch.setattr(naming, "_PATIENCE", -1.0)
    place.flat.put("site", "one", b"x")
    kept(place)
    rows = LateRows()
    restore(task(place, rows))
    assert set(contents(place, "new")) == {"one"}
    assert rows.asks == 2, "before the first object, and after the last"
