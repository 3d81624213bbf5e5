"""A restore asks the rows: what they name is first, and what of it is missing is told by name."""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from tests.data.bucket.bucketcopy.conftest import Place, contents, cut_off_after, kept, progress
from tests.data.bucket.bucketcopy.scripted_rows import ScriptedRows
from tests.data.flat_store import Asked, Refusal
from tests.data.hostile import hostile

from liferaft.data.bucket.bucketcopy import lanes, naming
from liferaft.data.bucket.bucketcopy.restore import LOST, compare, restore
from liferaft.data.bucket.bucketcopy.rows import Reading, RowsUnread
from liferaft.data.bucket.bucketcopy.store import Unreached
from liferaft.data.bucket.bucketcopy.task import Task

QUERIES = ["select object_key, id from uploads where id > $1"]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(naming, "_PAUSE", 0.0)


def rows_of(*keys: str) -> ScriptedRows:
    rows = ScriptedRows()
    for key in keys:
        rows.write(key)
    return rows


def task(place: Place, rows: Any, queries: Sequence[str] = QUERIES) -> Task:
    return replace(place.task("new"), rows=rows, references=queries)


def told(place: Place, what: str) -> dict[str, str]:
    lines = (place.state / f"bucket-media.{what}").read_text().splitlines()
    return {row["key"]: row["why"] for row in map(json.loads, lines)}


def puts(place: Place) -> list[str]:
    """Keys in the order in which they are put at the new site, from now on."""
    seen = list[str]()

    def before(asked: Asked) -> None:
        probed = asked.key.startswith("liferaft-")
        if (asked.method, asked.bucket) == ("PUT", "new") and not probed:
            seen.append(asked.key)

    place.flat.before = before
    return seen


def test_what_the_newest_rows_name_is_put_first(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "LANES", 1)  # else some overtake others
    keys = [f"{number:04}" for number in range(60)]
    for key in keys:
        place.flat.put("site", key, b"x")
    kept(place)
    order = puts(place)
    restore(task(place, rows_of(*keys[:30])))
    assert order[:30] == keys[29::-1]
    assert set(order) == set(keys)


def test_of_several_queries_the_newest_of_each_come_first(place: Place) -> None:
    class Rows(ScriptedRows):
        def newest_first(self) -> Iterator[tuple[int, str]]:
            return iter([*((0, f"photo {n}") for n in range(9)), (1, "song 0"), (1, "song 1")])

    ranks = naming.named(task(place, Rows(), [*QUERIES, *QUERIES]))
    digests = [place.task("new").seal.digest(key) for key in ("photo 1", "song 1", "photo 8")]
    assert [ranks[digest] for digest in digests] == sorted(ranks[digest] for digest in digests)


def test_every_object_that_rows_name_and_no_vault_has_is_told_by_name(place: Place) -> None:
    keys = [one.key for one in hostile(150, 4)]
    for key in keys:
        place.flat.put("site", key, b"x")
    lost = [*keys[100:], "never\nstored \u202e"]
    for key in keys[100:]:
        del place.flat.bucket("site")[key]
    kept(place)
    restore(task(place, rows_of(*keys, lost[-1])))
    assert told(place, "missing") == dict.fromkeys(lost, LOST)
    came = progress(place)
    assert (came["missing_count"], came["named_left"]) == (len(lost), len(lost))
    assert set(contents(place, "new")) == set(keys[:100])


def test_nothing_is_missing_where_all_that_rows_name_is_back(place: Place) -> None:
    place.flat.put("site", "cat.jpg", b"x")
    kept(place)
    restore(task(place, rows_of("cat.jpg", "cat.jpg")))
    assert told(place, "missing") == {}
    assert (progress(place)["missing_count"], progress(place)["rows_unread"]) == (0, "")


def test_why_it_is_missing_is_told_of_what_is_damaged_or_refused(place: Place) -> None:
    for key in ("damaged", "refused", "whole"):
        place.flat.put("site", key, b"x")
    kept(place)
    digest = place.task("new").seal.digest("damaged")
    [name] = [one for one in place.flat.bucket("vault") if digest in one]
    place.flat.bucket("vault")[name].body += b"!"

    def before(asked: Asked) -> None:
        if (asked.method, asked.key) == ("PUT", "refused"):
            raise Refusal(400, "InvalidArgument")

    place.flat.before = before
    restore(task(place, rows_of("damaged", "refused", "whole")))
    why = told(place, "missing")
    assert set(why) == {"damaged", "refused"}
    assert "not what was sealed" in why["damaged"]
    assert "InvalidArgument" in why["refused"]


def test_what_the_app_deletes_meanwhile_with_its_row_is_not_missing(place: Place) -> None:
    for key in ("one", "two"):
        place.flat.put("site", key, b"x")
    kept(place)
    rows = rows_of("one", "two")

    def before(asked: Asked) -> None:
        if asked == ("GET", "new", "") and "one" in place.flat.bucket("new"):
            place.flat.bucket("new").pop("one")
            rows.committed = [row for row in rows.committed if row.key != "one"]

    place.flat.before = before
    restore(task(place, rows))
    assert told(place, "missing") == {}


def test_what_the_app_has_deleted_since_and_still_names_is_told_as_that(place: Place) -> None:
    place.flat.put("site", "one", b"x")
    kept(place)
    rows = rows_of("one")
    restore(task(place, rows))
    del place.flat.bucket("new")["one"]
    restore(task(place, rows))
    assert "deleted since" in told(place, "missing")["one"]


def test_a_listing_that_does_without_what_is_there_is_not_believed(place: Place) -> None:
    place.flat.put("site", "one", b"x")
    kept(place)
    hidden = list[Any]()

    def before(asked: Asked) -> None:
        new = place.flat.bucket("new")
        if asked == ("GET", "new", "") and "one" in new:
            hidden.append(new.pop("one"))
        elif hidden and asked.key == "one":
            new["one"] = hidden[-1]

    place.flat.before = before
    restore(task(place, rows_of("one")))
    assert len(hidden) > 1
    assert told(place, "missing") == {}


def test_a_site_that_is_silent_at_the_end_is_told_and_nothing_is_called_missing(
    place: Place,
) -> None:
    place.flat.put("site", "one", b"x")
    kept(place)
    rows = rows_of("one", "two")

    class Last(ScriptedRows):
        def newest_first(self) -> Iterator[tuple[int, str]]:
            if "one" in place.flat.bucket("new"):
                place.flat.before = before
            return rows.newest_first()

    def before(asked: Asked) -> None:
        if asked.bucket == "new":
            raise ConnectionResetError

    restore(task(place, Last()))
    assert "no whole answer from the site" in progress(place)["rows_unread"]
    assert progress(place)["missing_count"] == 0


def test_rows_that_cannot_be_read_stop_nothing_and_are_told(place: Place) -> None:
    for key in ("one", "two"):
        place.flat.put("site", key, b"x")
    kept(place)
    restore(task(place, ScriptedRows(fails='relation "uploads" does not exist')))
    assert set(contents(place, "new")) == {"one", "two"}
    assert "does not exist" in progress(place)["rows_unread"]
    assert compare(task(place, ScriptedRows(fails="no")))["missing_count"] == 0


def test_a_database_that_is_being_started_anew_is_asked_again(place: Place) -> None:
    class Rows(ScriptedRows):
        def newest_first(self) -> Iterator[tuple[int, str]]:
            if self.fails:
                self.fails = ""
                raise RowsUnread("the database system is starting up")
            return super().newest_first()

        def beyond(self, positions: Sequence[str]) -> Reading:
            raise NotImplementedError

    place.flat.put("site", "one", b"x")
    kept(place)
    rows = Rows(fails="once")
    rows.fails = ""
    rows.write("lost")
    rows.fails = "once"
    restore(task(place, rows))
    assert told(place, "missing") == {"lost": LOST}
    assert progress(place)["rows_unread"] == ""


def test_a_restore_that_was_cut_off_brings_the_same_whatever_rows_were_deleted_since(
    place: Place,
) -> None:
    keys = [f"{number}" for number in range(200)]
    for key in keys:
        place.flat.put("site", key, b"x")
    kept(place)
    place.flat.before = cut_off_after(60)
    rows = rows_of(*keys)
    with pytest.raises(Unreached):
        restore(task(place, rows))
    first = naming.named_before(task(place, rows))
    rows.committed = []
    place.flat.before = lambda _: None
    restore(task(place, rows))
    assert set(contents(place, "new")) == set(keys)
    assert naming.named_before(task(place, rows)) == first
    assert compare(task(place, rows))["missing_count"] == 0


def test_with_a_tenth_of_all_requests_failing_nothing_that_rows_name_is_lost_or_missing(
    place: Place,
) -> None:
    keys = [f"{number}" for number in range(300)]
    for key in keys:
        place.flat.put("site", key, b"x")
    kept(place)
    chance = random.Random(7)  # a test's

    def before(_: Asked) -> None:
        if chance.random() < 0.1:
            if chance.random() < 0.5:
                raise ConnectionResetError
            raise Refusal(503, "SlowDown")

    place.flat.before = before
    restore(task(place, rows_of(*keys, "never stored")))
    place.flat.before = lambda _: None
    assert set(contents(place, "new")) == set(keys)
    assert told(place, "missing") == {"never stored": LOST}


def test_names_of_what_is_missing_can_be_read_by_nobody_else(place: Place) -> None:
    restore(task(place, rows_of("somebodys-name")))
    for of in ("missing", "named", "later"):
        assert (place.state / f"bucket-media.{of}").stat().st_mode & 0o777 == 0o600
    assert "somebodys" not in (place.state / "bucket-media.named").read_text()


def test_the_site_tells_what_is_still_answered_with_404(place: Place) -> None:
    """What rows name counts from the beginning, whether a vault has it or not."""
    for number in range(100):
        place.flat.put("site", f"{number}", b"x")
    kept(place)
    seen = list[int]()

    def before(asked: Asked) -> None:
        if (asked.method, asked.bucket) == ("PUT", "new"):
            path = place.state / "bucket-media.progress"
            seen.append(json.loads(path.read_text())["named_left"])

    place.flat.before = before
    rows = rows_of(*(f"{number}" for number in range(50)), "never stored")
    restore(task(place, rows))
    assert seen[0] in (0, 51)
    assert progress(place)["named_left"] == 1
