"""The keeper's passes: what the archiver is told, and how long it pauses."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.data.bucket.bucketcopy.conftest import Place
from tests.data.flat_store import Asked, Refusal

from liferaft.data.bucket.bucketcopy import keeper
from liferaft.data.bucket.bucketcopy.store import StoreRefused


def test_an_outage_is_no_measure_and_the_next_copy_begins_at_once() -> None:
    assert keeper.pause_after([90.0, 0.3, 0.2]) == 0
    assert keeper.pause_after([0.3, 90.0, 0.2]) == keeper.LEAST


def test_a_pause_is_never_long_however_long_the_first_copy_took() -> None:
    assert keeper.pause_after([600.0]) == keeper.MOST


def test_a_large_bucket_is_not_listed_without_pause() -> None:
    assert keeper.pause_after([3.0, 3.1, 2.9]) == pytest.approx(5.8)


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
