"""A restore brings everything back to the byte, tells what it cannot, and goes on where it was."""

import json

import pytest
from tests.data.bucket.bucketcopy.conftest import (
    FOLDER,
    Place,
    contents,
    cut_off_after,
    kept,
    progress,
)
from tests.data.flat_store import Asked, Refusal
from tests.data.hostile import filled, hostile

from liferaft.data.bucket.bucketcopy.restore import compare, restore
from liferaft.data.bucket.bucketcopy.store import StoreRefused, Unreached


@pytest.mark.proof
def test_every_key_that_s3_allows_comes_back_to_the_byte_with_its_metadata(place: Place) -> None:
    filled(place.flat, "site", hostile(400, 4))
    place.flat.put("site", "told in bytes", b"x", **{"x-amz-meta-name": "caf\u00c3\u00a9"})
    kept(place)
    restore(place.task("new"))
    assert contents(place, "new") == contents(place, "site")
    assert progress(place)["objects"] == 401
    assert compare(place.task("new"))["missing_count"] == 0


def test_an_object_moved_under_anothers_name_is_not_restored_as_that(place: Place) -> None:
    for key in ("one", "two"):
        place.flat.put("site", key, b"the same")
        place.flat.bucket("site")[key].modified = 1e9
    kept(place)
    vault = place.flat.bucket("vault")
    names = {place.task("site").seal.digest(key): key for key in ("one", "two")}
    one, two = sorted(vault, key=lambda name: names[name.removeprefix(FOLDER).partition(".")[0]])
    vault[two] = vault[one]
    restore(place.task("new"))
    assert set(contents(place, "new")) == {"one"}
    assert set(progress(place)["damaged"]) == {two}


def test_names_that_a_restore_writes_down_can_be_read_by_nobody_else(place: Place) -> None:
    half = place.state / ".bucket-media.progress"
    half.touch(0o644)  # as a killed one left it
    place.flat.put("site", "one", b"1")
    kept(place)
    modes = set[int]()

    def before(_: Asked) -> None:
        modes.update(one.stat().st_mode & 0o777 for one in place.state.glob("bucket-*.progress"))

    place.flat.before = before
    restore(place.task("new"))
    modes.add((place.state / "bucket-media.not-restored").stat().st_mode & 0o777)
    assert modes == {0o600}


def test_what_a_store_does_not_take_is_told_by_name_and_stops_no_other(place: Place) -> None:
    for key in ("both", "both/inner", "last"):
        place.flat.put("site", key, b"x")
    kept(place)

    def before(asked: Asked) -> None:
        if asked.method == "PUT" and asked.key == "both/inner":
            raise Refusal(400, "InvalidArgument")

    place.flat.before = before
    restore(place.task("new"))
    assert set(contents(place, "new")) == {"both", "last"}
    assert list(progress(place)["refused"]) == ["both/inner"]
    [told] = (place.state / "bucket-media.not-restored").read_text().splitlines()
    assert json.loads(told)["key"] == "both/inner"
    assert compare(place.task("new"))["missing_count"] == 0, "it was told"


def test_a_damaged_object_is_told_by_its_name_in_the_vault_and_stops_no_other(place: Place) -> None:
    for key in ("one", "two"):
        place.flat.put("site", key, b"x")
    kept(place)
    name = min(place.flat.bucket("vault"))
    thing = place.flat.bucket("vault")[name]
    thing.body = thing.body[:-1] + bytes([thing.body[-1] ^ 1])
    restore(place.task("new"))
    assert len(contents(place, "new")) == 1
    assert list(progress(place)["damaged"]) == [name]


def test_an_object_in_an_archive_class_of_the_vault_stops_no_other(place: Place) -> None:
    for key in ("one", "two"):
        place.flat.put("site", key, b"x")
    kept(place)
    place.flat.bucket("vault")[min(place.flat.bucket("vault"))].archived = True
    restore(place.task("new"))
    assert len(contents(place, "new")) == 1
    assert progress(place)["damaged_count"] == 1


def test_what_a_store_takes_under_another_name_is_told(place: Place) -> None:
    """Stores that keep objects in folders take `a//b` for `a/b`, and say that all is well."""
    for key in ("a//b", "a/b", "c"):
        place.flat.put("site", key, key.encode())
    place.flat.bucket("site")["a/b"].modified += 1
    kept(place)
    place.flat.spelt = lambda key: key.replace("//", "/")
    restore(place.task("new"))
    assert set(contents(place, "new")) == {"a/b", "c"}
    told = progress(place)["otherwise"]
    assert "under another name" in told["a//b"]
    wrong = place.flat.bucket("new")["a/b"].body != b"a/b"
    assert set(told) == {"a//b", *["a/b"] * wrong}


def test_what_the_app_deletes_and_puts_again_is_not_taken_for_another_name(place: Place) -> None:
    for key in ("one", "two"):
        place.flat.put("site", key, b"x")
    kept(place)
    gone = False

    def before(asked: Asked) -> None:
        nonlocal gone
        if (asked.method, asked.key) == ("GET", "") and "one" in place.flat.bucket("new"):
            place.flat.bucket("new").pop("one")
            gone = True
        elif (asked.method, asked.key) == ("HEAD", "one") and gone:
            place.flat.before = lambda _: None
            place.flat.put("new", "one", b"by the app")

    place.flat.before = before
    restore(place.task("new"))
    assert gone
    assert progress(place)["otherwise"] == {}


def test_whose_place_another_object_took_is_told(place: Place) -> None:
    for key in ("a//b", "a/b"):
        place.flat.put("site", key, key.encode())
    kept(place)
    place.flat.spelt = lambda key: key.replace("//", "/")
    place.flat.put("new", "a/b", b"a//b")
    restore(place.task("new"))
    assert set(progress(place)["otherwise"]) == {"a//b", "a/b"}


def test_what_a_store_makes_a_folder_of_is_told(place: Place) -> None:
    for key in ("empty/", "full/"):
        place.flat.put("site", key, b"content" * key.startswith("full"))
    kept(place)
    place.flat.folds = True
    restore(place.task("new"))
    assert progress(place)["otherwise"] == {"full/": "the site has it with another content-length"}


def test_what_a_store_acknowledges_and_loses_is_told(place: Place) -> None:
    for key in ("one", "two"):
        place.flat.put("site", key, b"x")
    kept(place)

    def before(asked: Asked) -> None:
        if (asked.method, asked.bucket, asked.key) == ("GET", "new", ""):
            place.flat.bucket("new").pop("one", None)

    place.flat.before = before
    restore(place.task("new"))
    assert "has it no more" in progress(place)["otherwise"]["one"]


def test_one_object_under_anothers_name_is_damage(place: Place) -> None:
    for key in ("one", "two"):
        place.flat.put("site", key, b"x")
    kept(place)
    first, second = place.flat.bucket("vault").values()
    first.body, second.body = second.body, first.body
    restore(place.task("new"))
    assert progress(place)["damaged_count"] == 2
    assert contents(place, "new") == {}


def test_what_the_app_has_deleted_since_it_was_restored_is_not_made_again(place: Place) -> None:
    for key in ("one", "two"):
        place.flat.put("site", key, b"x")
    kept(place)
    restore(place.task("new"))
    del place.flat.bucket("new")["one"]
    assert compare(place.task("new"))["missing_count"] == 0
    restore(place.task("new"))
    assert set(contents(place, "new")) == {"two"}


def test_half_a_record_of_a_restore_that_was_killed_hides_no_later_one(place: Place) -> None:
    place.flat.put("site", "one", b"x")
    kept(place)
    (place.state / "bucket-media.record").write_text("0123")
    restore(place.task("new"))
    del place.flat.bucket("new")["one"]
    restore(place.task("new"))
    assert contents(place, "new") == {}, "the app has deleted it since"


def test_what_the_app_has_replaced_before_and_deleted_since_is_not_missing(place: Place) -> None:
    """It was there when the copy began, so it was never put."""
    for key in ("one", "two"):
        place.flat.put("site", key, b"x")
    kept(place)
    place.flat.put("new", "one", b"by the app")
    restore(place.task("new"))
    del place.flat.bucket("new")["one"]
    assert compare(place.task("new"))["missing_count"] == 0
    restore(place.task("new"))
    assert set(contents(place, "new")) == {"two"}


def test_what_is_missing_is_named_by_the_comparison(place: Place) -> None:
    for key in ("one", "café/\u202e", "three"):
        place.flat.put("site", key, b"x")
    kept(place)
    place.flat.put("new", "one", b"by the app")
    came = compare(place.task("new"))
    assert came["missing_count"] == 2
    assert set(came["missing"]) == {"café/\u202e", "three"}
    assert came["objects"] == {FOLDER: 3}


def test_a_copy_that_was_cut_off_goes_on_where_it_was(place: Place) -> None:
    for number in range(200):
        place.flat.put("site", f"{number}", b"x")
    kept(place)
    place.flat.before = cut_off_after(60)
    with pytest.raises(Unreached):
        restore(place.task("new"))
    before_it_went_on = len(contents(place, "new"))
    assert 0 < before_it_went_on < 200
    place.flat.before = lambda _: None
    restore(place.task("new"))
    assert len(contents(place, "new")) == 200
    assert progress(place)["total_objects"] == 200 - before_it_went_on


def test_a_site_that_shuts_the_copy_out_is_an_error(place: Place) -> None:
    place.flat.put("site", "one", b"x")
    kept(place)

    def before(asked: Asked) -> None:
        if (asked.method, asked.bucket) == ("PUT", "new"):
            raise Refusal(403, "AccessDenied")

    place.flat.before = before
    with pytest.raises(StoreRefused, match="the site answered 403 AccessDenied"):
        restore(place.task("new"))
