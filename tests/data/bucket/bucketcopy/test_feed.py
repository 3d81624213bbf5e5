"""No row is missed, in whatever order transactions commit, and few are read twice."""

import random

import pytest
from tests.data.bucket.bucketcopy.conftest import FOLDER
from tests.data.bucket.bucketcopy.scripted_rows import ScriptedRows

from liferaft.data.bucket.bucketcopy.feed import LOOKBACK, Feed
from liferaft.data.bucket.bucketcopy.manifest import Manifest
from liferaft.data.bucket.bucketcopy.rows import RowsUnread

NOW = 1_795_960_800.0
QUERIES = ["select object_key, id from uploads where id > $1"]


def keys(feed: Feed, now: float) -> list[str]:
    return [row.key for row in feed.new(now)]


@pytest.fixture
def rows() -> ScriptedRows:
    made = ScriptedRows()
    made.write("old")
    return made


def test_what_is_new_is_told_once(rows: ScriptedRows) -> None:
    feed = Feed(rows, QUERIES, Manifest(FOLDER), NOW)
    assert keys(feed, NOW) == []
    rows.write("a")
    rows.write("b")
    assert keys(feed, NOW + 1) == ["a", "b"]
    assert keys(feed, NOW + 2) == []


def test_a_smaller_id_that_commits_later_is_read_however_long_it_took(rows: ScriptedRows) -> None:
    feed = Feed(rows, QUERIES, Manifest(FOLDER), NOW)
    keys(feed, NOW)
    slow = rows.begin()
    rows.insert(slow, "slow")
    for second in range(1, 3600):
        rows.write(f"{second}")
        assert keys(feed, NOW + second) == [f"{second}"]
    rows.commit(slow)
    assert keys(feed, NOW + 3600) == ["slow"]


def test_an_id_that_was_drawn_before_its_transaction_wrote_has_a_minute(
    rows: ScriptedRows,
) -> None:
    feed = Feed(rows, QUERIES, Manifest(FOLDER), NOW)
    keys(feed, NOW)
    drawn = rows.draw()
    for second in range(1, int(LOOKBACK) - 1):
        rows.write(f"{second}")
        keys(feed, NOW + second)
    writer = rows.begin()
    rows.insert_drawn(writer, drawn, "drawn early")
    rows.commit(writer)
    assert keys(feed, NOW + LOOKBACK - 1) == ["drawn early"]


def test_what_is_rolled_back_leaves_a_hole_that_nobody_waits_for(rows: ScriptedRows) -> None:
    feed = Feed(rows, QUERIES, Manifest(FOLDER), NOW)
    keys(feed, NOW)
    rows.writers.remove(rows.begin())
    rows.draw()
    for second in range(1, 200):
        rows.write(f"{second}")
        assert keys(feed, NOW + second) == [f"{second}"]
    assert int(rows.asked[-1][0]) > 100, "it does not look back to the hole"


def test_a_keeper_that_was_away_goes_on_where_it_was(rows: ScriptedRows) -> None:
    held = Manifest(FOLDER)
    feed = Feed(rows, QUERIES, held, NOW)
    assert feed.is_new
    for second in range(300):
        rows.write(f"{second}")
        keys(feed, NOW + second)
    rows.write("while it was away")
    again = Feed(rows, QUERIES, held, NOW + 5000)
    assert not again.is_new
    found = keys(again, NOW + 5000)
    assert "while it was away" in found
    assert len(found) < 2 * LOOKBACK


def test_other_queries_begin_anew(rows: ScriptedRows) -> None:
    held = Manifest(FOLDER)
    Feed(rows, QUERIES, held, NOW)
    assert Feed(rows, [*QUERIES, *QUERIES], held, NOW).is_new


def test_what_could_not_be_read_is_read_the_next_time(rows: ScriptedRows) -> None:
    feed = Feed(rows, QUERIES, Manifest(FOLDER), NOW)
    keys(feed, NOW)
    rows.write("a")
    rows.fails = "the database system is starting up"
    with pytest.raises(RowsUnread):
        feed.new(NOW + 1)
    rows.fails = ""
    assert keys(feed, NOW + 2) == ["a"]


@pytest.mark.parametrize("seed", range(20))
def test_every_row_is_told_exactly_once_among_many_writers(seed: int) -> None:
    draw, rows = random.Random(seed), ScriptedRows()
    feed, told, now = Feed(rows, QUERIES, Manifest(FOLDER), NOW), list[str](), NOW
    for number in range(400):
        now += draw.uniform(0.2, 3)
        match draw.randrange(4):
            case 0:
                rows.begin()
            case 1 if rows.writers:
                rows.insert(draw.choice(rows.writers), f"{number}")
            case 2 if rows.writers:
                rows.commit(draw.choice(rows.writers))
            case 3:
                told += keys(feed, now)
    for writer in list(rows.writers):
        rows.commit(writer)
    told += keys(feed, now + 1)
    assert sorted(told) == sorted(row.key for row in rows.committed)
