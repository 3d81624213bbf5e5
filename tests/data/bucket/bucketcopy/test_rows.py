"""Rows as a real database tells them, where PostgreSQL's own programs are on this machine."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from benchmarks.bucket_size import Database

from liferaft.data.bucket.bucketcopy.rows import DatabaseRows, RowsUnread

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
pytestmark = pytest.mark.skipif(
    not PROGRAMS or os.geteuid() != 0, reason="PostgreSQL and root are not here"
)
PHOTOS = "select object_key, id from photos where id > $1"
SONGS = "select 'songs/' || name, at from songs where at > $1"
ODD = [
    "a\nb",
    "tab\there",
    "it's",
    'say "so"',
    "\u202eback",
    "caf\u00e9",
    "\\x41",
    "emoji \U0001f4f7",
]
TABLES = """
create table photos (id bigserial primary key, object_key text);
create table songs (name text, at timestamptz);
"""


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    """Where its own user may go."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        Path(name).chmod(0o755)
        database = Database(Path(name))
        try:
            database.execute(TABLES)
            yield database
        finally:
            database.stop()


def test_all_keys_come_with_the_newest_first_whatever_is_in_them(database: Database) -> None:
    database.execute("truncate photos, songs")
    quoted = (key.replace("'", "''") for key in ODD)
    for key in quoted:
        database.execute(f"insert into photos (object_key) values ('{key}')")  # noqa: S608  # of this file
    database.execute("insert into photos (object_key) values (null)")
    database.execute("insert into songs values ('old', '2020-01-01'), ('new', '2025-01-01')")
    database.execute("insert into songs values ('undated', null)")
    rows = DatabaseRows(database.address, "postgres", [PHOTOS, SONGS])
    came = list(rows.newest_first())
    assert [key for query, key in came if query == 0] == ODD[::-1]
    songs = [key for query, key in came if query == 1]
    assert songs == ["songs/new", "songs/old"], "a row without a value is beyond none"


def test_a_table_that_is_empty_names_nothing(database: Database) -> None:
    database.execute("truncate photos, songs")
    assert list(DatabaseRows(database.address, "postgres", [PHOTOS, SONGS]).newest_first()) == []


def test_a_table_that_is_not_there_is_told_in_the_databases_words(database: Database) -> None:
    query = "select k, id from nothing where id > $1"
    with pytest.raises(RowsUnread, match='relation "nothing" does not exist'):
        list(DatabaseRows(database.address, "postgres", [query]).newest_first())


def test_a_database_that_is_not_there_is_no_bucket_without_rows(tmp_path: Path) -> None:
    with pytest.raises(RowsUnread):
        list(DatabaseRows(f"host={tmp_path}", "postgres", [PHOTOS]).newest_first())


def test_a_user_who_is_not_there_is_no_database_without_rows(database: Database) -> None:
    rows = DatabaseRows(database.address, "nobody-of-that-name", [PHOTOS])
    with pytest.raises(RowsUnread, match="nobody-of-that-name"):
        list(rows.newest_first())
