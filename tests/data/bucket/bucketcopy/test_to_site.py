"""Which version of each object comes back, and that nothing of the app's is ever overwritten."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from threading import Barrier

import pytest
from tests.data.bucket.bucketcopy.conftest import FOLDER, LATER, Place, contents, kept, progress
from tests.data.flat_store import Asked
from tests.data.hostile import filled, hostile
from tests.seaweed import Seaweed, seaweed

from liferaft.data.bucket.bucketcopy import uploads
from liferaft.data.bucket.bucketcopy.dialect import StoreKeys
from liferaft.data.bucket.bucketcopy.restore import restore
from liferaft.data.bucket.bucketcopy.store import Store
from liferaft.data.bucket.bucketcopy.to_site import NotCreateOnly


def test_every_object_is_put_under_the_condition_that_nothing_is_there(place: Place) -> None:
    filled(place.flat, "site", hostile(50, 4))
    kept(place)
    place.flat.asked.clear()
    restore(place.task("new"))
    puts = [headers for method, target, headers in place.flat.asked if method == "PUT"]
    assert len(puts) == 52, "fifty, and two that try whether the store keeps the condition"
    assert {headers.get("if-none-match") for headers in puts} == {"*"}


def test_what_the_app_writes_while_the_copy_runs_stays(place: Place) -> None:
    for number in range(40):
        place.flat.put("site", f"{number}", b"old")
    kept(place)
    written = set()

    def before(asked: Asked) -> None:
        if asked.method == "PUT" and asked.bucket == "new" and asked.key.isdigit():
            written.add(asked.key)
            if int(asked.key) % 2:
                place.flat.put("new", asked.key, b"new, by the app")

    place.flat.before = before
    restore(place.task("new"))
    assert len(written) == 40
    for number in range(40):
        expected = b"new, by the app" if number % 2 else b"old"
        assert place.flat.bucket("new")[f"{number}"].body == expected
    assert (progress(place)["objects"], progress(place)["there"]) == (20, 20)


@pytest.mark.sandbox
def test_seaweedfs_refuses_what_would_overwrite_the_apps_own(place: Place) -> None:
    with seaweed() as weed:
        _race(place, weed, size=300)


@pytest.mark.sandbox
def test_seaweedfs_refuses_it_of_objects_that_stream_too(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "SMALL", 1000)
    monkeypatch.setattr("liferaft.data.bucket.bucketcopy.to_site.SMALL", 1000)
    with seaweed() as weed:
        _race(place, weed, size=2_100_000)


@pytest.mark.sandbox
def test_seaweedfs_refuses_it_of_objects_that_come_in_parts_too(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "SMALL", 1000)
    monkeypatch.setattr(uploads, "PART", 5 << 20)
    monkeypatch.setattr("liferaft.data.bucket.bucketcopy.to_site.SMALL", 1000)
    with seaweed() as weed:
        then = partial(monkeypatch.setattr, uploads, "ONE_PUT", 1000)
        _race(place, weed, size=6_000_000, then=then)


def _race(
    place: Place, weed: Seaweed, *, size: int, then: Callable[[], None] = lambda: None
) -> None:
    """The app writes each second object after the copy has listed the bucket, and before its own
    put: between the vault's answer and the site's question."""
    s3 = weed.client()
    s3.create_bucket(Bucket="new-media")
    old = b"old" * (size // 3)
    for number in range(12):
        place.flat.put("site", f"{number}", old)
    kept(place)
    then()
    site = Store("site", weed.url, "new-media", StoreKeys(weed.key, weed.secret, weed.region), None)
    task = replace(place.task("new-media"), site=site)
    digests = {task.seal.digest(f"{number}"): number for number in range(12)}

    def before(asked: Asked) -> None:
        if (asked.method, asked.bucket) == ("GET", "vault") and asked.key:
            number = digests[asked.key.removeprefix(FOLDER).partition(".")[0]]
            if number % 2:
                s3.put_object(Bucket="new-media", Key=f"{number}", Body=b"new, by the app")

    place.flat.before = before
    restore(task)
    for number in range(12):
        body = s3.get_object(Bucket="new-media", Key=f"{number}")["Body"].read()
        assert body == (b"new, by the app" if number % 2 else old)
    assert [one["Key"] for one in s3.list_objects_v2(Bucket="new-media")["Contents"]] == sorted(
        f"{number}" for number in range(12)
    ), "and nothing of the trial is left"


def test_a_store_that_does_not_keep_the_condition_is_refused_before_anything_is_put(
    place: Place,
) -> None:
    place.flat.put("site", "one", b"old")
    kept(place)
    place.flat.honours_conditions = False
    with pytest.raises(NotCreateOnly, match="replaced what it was told to create only"):
        restore(place.task("new"))
    assert contents(place, "new") == {}


def test_the_condition_is_tried_in_parts_too_where_an_object_needs_them(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that takes no parts at all: that alone refuses the restore."""
    place.flat.takes_parts = False
    place.flat.put("site", "one", b"old")
    kept(place)
    monkeypatch.setattr("liferaft.data.bucket.bucketcopy.to_site.ONE_PUT", 0)
    with pytest.raises(NotCreateOnly):
        restore(place.task("new"))
    assert contents(place, "new") == {}


def test_nothing_is_tried_where_nothing_is_to_be_restored(place: Place) -> None:
    place.flat.put("site", "one", b"1")
    kept(place)
    restore(place.task("new"))
    place.flat.asked.clear()
    restore(place.task("new"))
    assert {method for method, *_ in place.flat.asked} == {"GET"}


def test_what_was_kept_in_later_reigns_comes_back_too_and_the_latest_counts(place: Place) -> None:
    place.flat.put("site", "early", b"1")
    place.flat.put("site", "changed", b"1")
    kept(place)
    del place.flat.bucket("site")["early"]
    place.flat.put("site", "changed", b"2")
    place.flat.put("site", "late", b"2")
    kept(place, LATER)
    restore(place.task("new", [LATER, FOLDER]))
    bodies = {key: body for key, (body, _) in contents(place, "new").items()}
    assert bodies == {"early": b"1", "changed": b"2", "late": b"2"}


def test_of_two_versions_the_one_that_the_site_had_later_comes_back(place: Place) -> None:
    """Two hosts may have written them into the vault in the other order."""
    place.flat.put("site", "one", b"1")
    place.flat.bucket("site")["one"].modified -= 100
    kept(place)
    older = dict(place.flat.bucket("vault"))
    place.flat.put("site", "one", b"2")
    kept(place)
    for name, thing in older.items():
        thing.modified += 1000
        place.flat.bucket("vault")[name] = thing
    restore(place.task("new"))
    assert place.flat.bucket("new")["one"].body == b"2"


def test_times_of_versions_are_asked_for_at_once_and_not_one_after_the_other(
    place: Place,
) -> None:
    for key in ("one", "two"):
        place.flat.put("site", key, b"old")
    kept(place)
    older = dict(place.flat.bucket("vault"))
    for key in ("one", "two"):
        place.flat.put("site", key, b"newer")
        place.flat.bucket("site")[key].modified += 2
    kept(place)
    place.flat.bucket("vault").update(older)
    all_four, left = Barrier(4), iter(range(4))

    def before(asked: Asked) -> None:
        if asked.bucket == "vault" and asked.key and next(left, None) is not None:
            all_four.wait(5)

    place.flat.before = before
    restore(place.task("new"))
    assert {key: body for key, (body, _) in contents(place, "new").items()} == {
        "one": b"newer",
        "two": b"newer",
    }
