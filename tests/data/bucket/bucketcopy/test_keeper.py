"""The keeper's passes: what the archiver is told, and how long it pauses."""

import json
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from tests.data.bucket.bucketcopy.conftest import FOLDER, Place
from tests.data.bucket.bucketcopy.scripted_rows import ScriptedRows
from tests.data.flat_store import Asked, Refusal

from liferaft.data.bucket.bucketcopy import keeper, passes
from liferaft.data.bucket.bucketcopy.store import StoreRefused
from liferaft.data.bucket.bucketcopy.task import Task


def test_an_outage_is_no_measure_and_the_next_copy_begins_at_once() -> None:
    assert passes.pause_after([90.0, 0.3, 0.2]) == 0
    assert passes.pause_after([0.3, 90.0, 0.2]) == passes.LEAST


def test_a_pause_is_never_long_however_long_the_first_copy_took() -> None:
    assert passes.pause_after([600.0]) == passes.MOST


def test_a_large_bucket_is_not_listed_without_pause() -> None:
    assert passes.pause_after([3.0, 3.1, 2.9]) == pytest.approx(5.8)


def kept_until(place: Place, ends: int, seen: list[str]) -> None:
    """The keeper, through so many listings of the site."""
    listings = 0

    def before(asked: Asked) -> None:
        nonlocal listings
        seen.append(" ".join(asked))
        if asked == ("GET", "site", ""):
            listings += 1
            if listings > ends:
                raise Refusal(403, "AccessDenied")

    place.flat.before = before
    with pytest.raises(StoreRefused):
        keeper.keep(place.task("site"), pause=lambda _: None)


def test_the_archiver_is_told_when_a_whole_pass_began(place: Place) -> None:
    place.flat.put("site", "one", b"1")
    before = time.time()
    kept_until(place, 2, [])  # of them one is the question about access lists
    told = (place.state / "kept/neutral/media").read_text()
    assert before <= float(told) <= time.time()
    assert len(told.strip().partition(".")[2]) == 6
    assert len(place.flat.bucket("vault")) == 1


def test_a_keeper_that_an_earlier_version_set_up_goes_on_as_it_was_called_then(
    place: Place,
) -> None:
    """A snapshot brings the new program, and only the next deploy a new task."""

    def told(bucket: str) -> dict[str, str]:
        keys = {"access_key": place.flat.key, "secret_key": place.flat.secret}
        return {"url": place.flat.url, "bucket": bucket, "region": place.flat.region, **keys}

    document = {
        "name": "media",
        "site": told("site"),
        "vault": told("vault"),
        "prefixes": [FOLDER],
        "seal": {"password": "the-password", "salt": "the-salt"},
        "state": str(place.state),
    }
    path = place.state / "keeper-media.json"
    path.write_text(json.dumps(document))
    place.flat.put("site", "one", b"1")

    class Enough(Exception):
        """One pass is over."""

    def pause(_: float) -> None:
        raise Enough

    with pytest.raises(Enough):
        keeper.keep(Task.read(path), pause=pause)
    assert (place.state / "kept/media").is_file()
    assert len(place.flat.bucket("vault")) == 1


def test_an_idle_pass_asks_for_nothing_but_the_sites_listing(place: Place) -> None:
    """Requests are billed one by one: a thousand objects come with each, and none is looked at."""
    for number in range(2500):
        place.flat.put("site", f"photos/{number}", b"1")

    class Enough(Exception):
        """Three passes are over."""

    passes: list[list[str]] = []

    def pause(_: float) -> None:
        passes.append([f"{method} {target}" for method, target, _ in place.flat.asked])
        place.flat.asked.clear()
        if len(passes) == 3:
            raise Enough

    with pytest.raises(Enough):
        keeper.keep(place.task("site"), pause=pause)
    assert len(place.flat.bucket("vault")) == 2500
    for idle in passes[1:]:
        assert len(idle) == 3
        assert all(one.startswith("GET /site?") and "list-type=2" in one for one in idle)


def test_what_the_site_does_not_give_is_told_once_and_stops_no_pass(
    place: Place, capfd: pytest.CaptureFixture[str]
) -> None:
    place.flat.put("site", "frozen", b"1")
    place.flat.bucket("site")["frozen"].archived = True
    place.flat.put("site", "one", b"1")
    seen: list[str] = []
    kept_until(place, 3, seen)
    assert (place.state / "kept/neutral/media").exists()
    assert capfd.readouterr().err.count("left out: 'frozen': the site answered 403") == 1
    assert seen.count("GET site frozen") <= 2, "its access list, and once itself"


def test_a_store_that_shuts_the_keeper_out_is_an_error(place: Place) -> None:
    place.flat.put("site", "one", b"1")

    def before(asked: Asked) -> None:
        if asked.bucket == "site" and asked.key:
            raise Refusal(403, "AccessDenied")

    place.flat.before = before
    with ThreadPoolExecutor(1) as pool, pytest.raises(StoreRefused, match="AccessDenied"):
        pool.submit(keeper.keep, place.task("site")).result(timeout=60)
    assert not (place.state / "kept/neutral/media").exists()


class Enough(Exception):
    """The keeper was seen for long enough."""


QUERIES = ["select object_key, id from uploads where id > $1"]
SCENE = Iterator[Callable[[], bool]]


def followed(place: Place, rows: ScriptedRows, scene: SCENE) -> None:
    """The keeper with rows; `scene` yields what has to come true before it goes on."""
    awaited: list[Callable[[], bool]] = [next(scene)]
    end = time.monotonic() + 60

    def pause(_: float) -> None:
        time.sleep(0.01)
        assert time.monotonic() < end, "it never came true"
        if awaited[0]():
            try:
                awaited[0] = next(scene)
            except StopIteration:
                raise Enough from None

    with pytest.raises(Enough):
        keeper.keep(replace(place.task("site"), rows=rows, references=QUERIES), pause)


def moment(place: Place) -> float:
    path = place.state / "kept/neutral/media"
    return float(path.read_text()) if path.exists() else 0.0


def quiet(place: Place) -> Callable[[], bool]:
    """For a second of steps nothing is asked of the stores."""
    seen: list[int] = []

    def is_quiet() -> bool:
        seen.append(len(place.flat.asked))
        return len(seen) > 100 and seen[-1] == seen[-100]

    return is_quiet


@pytest.fixture
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that are under way when their readings begin have half a second."""
    monkeypatch.setattr(passes, "LOOKBACK", 0.5)
    monkeypatch.setattr(passes, "LEAST", 0.05)
    monkeypatch.setattr(passes, "MOST", 0.2)


def vault_has(place: Place, key: str) -> bool:
    digest = place.task("site").seal.digest(key)
    return any(f"/{digest}." in name for name in list(place.flat.bucket("vault")))


@pytest.mark.usefixtures("_soon")
def test_what_a_row_names_is_kept_without_a_listing_of_the_bucket(place: Place) -> None:
    for number in range(1500):
        place.flat.put("site", f"photos/{number}", b"1")
    rows = ScriptedRows()

    def scene() -> SCENE:
        yield lambda: moment(place) > 0
        assert len(place.flat.bucket("vault")) == 1500, "there is no moment before a whole pass"
        yield quiet(place)
        place.flat.asked.clear()
        place.flat.put("site", "new photo", b"2")
        rows.write("new photo")
        written = time.time()
        yield lambda: vault_has(place, "new photo")
        yield lambda: moment(place) > written
        listings = [target for _, target, _ in place.flat.asked if target.startswith("/site?")]
        assert not [one for one in listings if "prefix=" not in one]
        assert not [one for one in place.flat.asked if re.match("/vault.*list-type", one[1])]

    followed(place, rows, scene())


@pytest.mark.usefixtures("_soon")
def test_what_no_row_names_is_kept_by_the_pass_of_the_hour(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = ScriptedRows()

    def scene() -> SCENE:
        yield lambda: moment(place) > 0
        yield quiet(place)
        place.flat.put("site", "named by nobody", b"2")
        later = time.time() + passes.HOUR
        monkeypatch.setattr(time, "time", lambda: later + time.monotonic() % 1)
        yield lambda: vault_has(place, "named by nobody")

    followed(place, rows, scene())


@pytest.mark.usefixtures("_soon")
def test_while_rows_cannot_be_read_the_bucket_is_listed_over_and_over(place: Place) -> None:
    rows = ScriptedRows(fails="the database system is starting up")

    def scene() -> SCENE:
        yield lambda: moment(place) > 0
        place.flat.put("site", "new", b"2")
        stored = time.time()
        yield lambda: vault_has(place, "new")
        yield lambda: moment(place) > stored
        rows.fails = ""
        place.flat.put("site", "newer", b"3")
        rows.write("newer")
        yield lambda: vault_has(place, "newer")

    followed(place, rows, scene())


@pytest.mark.usefixtures("_soon")
def test_a_keeper_that_starts_again_lists_neither_the_vault_nor_the_bucket(place: Place) -> None:
    place.flat.put("site", "one", b"1")
    rows = ScriptedRows()
    followed(place, rows, iter([lambda: moment(place) > 0, quiet(place)]))
    place.flat.asked.clear()
    before = moment(place)
    followed(place, rows, iter([lambda: moment(place) > before]))
    assert [one[1] for one in place.flat.asked if "list-type" in one[1]] == []


def test_rows_of_before_their_first_reading_are_covered_by_passes_before_a_moment_is_theirs(
    place: Place,
) -> None:
    """A minute long what was under way then may be committed, and no reading shows it."""
    rows = ScriptedRows()

    def scene() -> SCENE:
        yield lambda: moment(place) > 0
        place.flat.put("site", "under way", b"2")
        stored = time.time()
        yield lambda: moment(place) > stored
        assert vault_has(place, "under way")

    followed(place, rows, scene())
