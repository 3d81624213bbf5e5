"""Every key that S3 allows is kept, and what cannot be is told by name and stops nothing."""

from typing import Any

import pytest
from tests.data.bucket.bucketcopy.conftest import FOLDER, Place
from tests.data.flat_store import Asked, Refusal
from tests.data.flat_things import Thing
from tests.data.hostile import filled, hostile

from liferaft.data.bucket.bucketcopy import lanes, uploads
from liferaft.data.bucket.bucketcopy.listing import OWNER
from liferaft.data.bucket.bucketcopy.snapshot import snapshot
from liferaft.data.bucket.bucketcopy.store import StoreRefused, Unreached


def kept(place: Place) -> Any:
    return snapshot(place.task("site"))


@pytest.mark.proof
def test_every_key_that_s3_allows_is_kept_and_a_second_copy_finds_nothing_to_do(
    place: Place,
) -> None:
    filled(place.flat, "site", hostile(400, 3))
    came = kept(place)
    assert (came["objects"], came["copied"], came["missing"]) == (400, 400, 0)
    assert (came["left_out_count"], came["lacking_count"]) == (0, 0)
    place.flat.asked.clear()
    assert kept(place)["copied"] == 0
    assert {method for method, *_ in place.flat.asked} == {"GET"}
    assert len(place.flat.asked) <= 7, "listings alone, and two questions about access lists"


def test_names_and_content_and_metadata_are_not_readable_in_the_vault(place: Place) -> None:
    place.flat.put("site", "photos/ann.jpg", b"a picture of ann", **{"x-amz-meta-of": "ann-too"})
    kept(place)
    [(name, thing)] = place.flat.bucket("vault").items()
    assert name.startswith(FOLDER)
    for told in (name, str(thing.headers), repr(thing.body)):
        assert "ann" not in told


def test_the_object_that_says_whose_the_bucket_is_is_no_data_of_the_apps(place: Place) -> None:
    place.flat.put("site", OWNER, b"{}")
    came = kept(place)
    assert (came["objects"], came["copied"], came["left_out_count"]) == (0, 0, 0)
    assert place.flat.bucket("vault") == {}
    place.flat.put("site", f"{OWNER}s", b"an app's own")
    place.flat.put("site", f"below/{OWNER}", b"an app's own")
    assert kept(place)["objects"] == 2


def test_changed_content_and_changed_metadata_are_kept_beside_the_old(place: Place) -> None:
    place.flat.put("site", "one", b"1")
    place.flat.put("site", "two", b"1")
    kept(place)
    place.flat.put("site", "one", b"2")
    place.flat.put("site", "two", b"1", content_type="text/plain")
    place.flat.bucket("site")["two"].modified += 2
    came = kept(place)
    assert (came["copied"], came["objects"], came["missing"]) == (2, 2, 0)
    assert len(place.flat.bucket("vault")) == 4, "the keeper marks what was replaced"


def test_an_object_in_an_archive_class_is_told_by_name_and_stops_no_other(place: Place) -> None:
    for key in ("first", "frozen/é", "last"):
        place.flat.put("site", key, b"x")
    place.flat.bucket("site")["frozen/é"].archived = True
    came = kept(place)
    assert came["objects"] == 2
    assert list(came["left_out"]) == ["frozen/é"]
    assert "frozen/\\u00e9" in (place.state / "bucket-media.not-kept").read_text()
    assert "InvalidObjectState" in came["left_out"]["frozen/é"]


def test_objects_that_let_others_in_or_have_tags_are_told_by_name_each_time(place: Place) -> None:
    place.flat.put("site", "public", b"x")
    place.flat.bucket("site")["public"].public = True
    place.flat.put("site", "tagged", b"x", **{"x-amz-tagging-count": "2"})
    place.flat.put("site", "plain", b"x")
    for _ in range(2):
        came = kept(place)
        assert came["objects"] == 3
        assert came["lacking"] == {"public": "who else may read it", "tagged": "its tags"}


def test_a_store_that_breaks_off_at_one_object_does_not_stop_the_others(
    place: Place,
) -> None:
    for number in range(20):
        place.flat.put("site", f"{number}", b"x")

    def before(asked: Asked) -> None:
        if (asked.bucket, asked.key) == ("site", "7"):
            raise ConnectionResetError

    place.flat.before = before
    came = kept(place)
    assert came["objects"] == 19
    assert list(came["left_out"]) == ["7"]
    assert "no whole answer" in came["left_out"]["7"]


def test_a_line_that_is_down_ends_the_copy_soon(place: Place) -> None:
    for number in range(300):
        place.flat.put("site", f"{number}", b"x")

    def before(asked: Asked) -> None:
        if asked.bucket == "site" and asked.key:
            raise ConnectionResetError

    place.flat.before = before
    with pytest.raises(Unreached):
        kept(place)
    tried = {target for _, target, _ in place.flat.asked if target.startswith("/site/")}
    assert len(tried) <= 8 * lanes.LANES


def test_a_vault_that_takes_nothing_is_an_error(place: Place) -> None:
    place.flat.put("site", "one", b"x")

    def before(asked: Asked) -> None:
        if (asked.method, asked.bucket) == ("PUT", "vault"):
            raise Refusal(403, "AccessDenied")

    place.flat.before = before
    with pytest.raises(StoreRefused, match="the vault answered 403 AccessDenied"):
        kept(place)


def test_one_object_that_the_vault_does_not_take_is_told_and_stops_no_other(place: Place) -> None:
    for key in ("one", "large", "two"):
        place.flat.put("site", key, key.encode())
    large = place.task("site").seal.digest("large")

    def before(asked: Asked) -> None:
        if asked.method == "PUT" and large in asked.key:
            raise Refusal(413, "EntityTooLarge")

    place.flat.before = before
    came = kept(place)
    assert (came["objects"], came["missing"]) == (2, 0)
    assert "EntityTooLarge" in came["left_out"]["large"]


def test_a_vault_that_takes_none_of_several_objects_is_an_error(place: Place) -> None:
    for key in ("one", "two"):
        place.flat.put("site", key, b"x")

    def before(asked: Asked) -> None:
        if asked.method == "PUT":
            raise Refusal(400, "InvalidRequest")

    place.flat.before = before
    with pytest.raises(StoreRefused, match="the vault answered 400"):
        kept(place)


def test_an_object_that_is_listed_and_cannot_be_had_is_told(place: Place) -> None:
    for key in ("one", "two"):
        place.flat.put("site", key, b"x")

    def before(asked: Asked) -> None:
        if (asked.bucket, asked.key) == ("site", "one"):
            raise Refusal(404, "NoSuchKey")

    place.flat.before = before
    came = kept(place)
    assert came["objects"] == 1
    assert "NoSuchKey" in came["left_out"]["one"]


def test_an_object_that_the_app_deletes_and_puts_again_meanwhile_is_kept(place: Place) -> None:
    place.flat.put("site", "one", b"first")
    asked: list[str] = []

    def before(question: Asked) -> None:
        if (question.method, question.bucket, question.key) == ("GET", "site", "one"):
            asked.append(question.key)
            if len(asked) == 2:  # first who may read it, then itself
                place.flat.put("site", "one", b"and again")
                raise Refusal(404, "NoSuchKey")

    place.flat.before = before
    came = kept(place)
    assert (came["objects"], came["left_out"]) == (1, {})
    place.flat.before = lambda _: None
    assert kept(place)["copied"] == 0, "the one that is there now was kept"


def test_what_the_keeper_replaces_during_a_snapshot_is_not_missed(place: Place) -> None:
    place.flat.put("site", "one", b"1")
    kept(place)
    place.flat.put("site", "one", b"2")
    stored = 0

    def before(asked: Asked) -> None:
        nonlocal stored
        if (asked.method, asked.bucket) == ("PUT", "vault"):
            stored += 1
        elif asked == ("GET", "vault", "") and stored == 1:
            stored += 1
            place.flat.put("site", "one", b"3")
            vault = place.flat.bucket("vault")
            vault.clear()
            keeper = place.task("site").seal.name("one", "a newer one's")
            vault[f"{FOLDER}{keeper}"] = Thing(b"3", {}, "")

    place.flat.before = before
    assert kept(place)["missing"] == 0


def test_a_vault_that_loses_what_it_took_is_found_out(place: Place) -> None:
    place.flat.put("site", "one", b"x")
    place.flat.put("site", "two", b"x")

    def before(asked: Asked) -> None:
        if asked == ("GET", "vault", ""):
            place.flat.bucket("vault").clear()

    place.flat.before = before
    assert kept(place)["missing"] == 2


def test_an_object_that_is_deleted_meanwhile_is_none_of_the_snapshot(place: Place) -> None:
    place.flat.put("site", "one", b"x")
    place.flat.put("site", "two", b"x")

    def before(asked: Asked) -> None:
        if (asked.bucket, asked.key) == ("site", "one"):
            place.flat.bucket("site").pop("one", None)

    place.flat.before = before
    came = kept(place)
    assert (came["objects"], came["missing"], came["left_out_count"]) == (1, 0, 0)


def test_large_objects_are_kept_as_they_stream(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "SMALL", 1000)
    place.flat.put("site", "large", bytes(3_000_000))
    came = kept(place)
    assert (came["copied_size"], came["missing"]) == (3_000_000, 0)
