"""A bucket on trial: an object is put, read and deleted, and what is otherwise is told."""

import pytest
from tests.data.bucket.bucketcopy.conftest import Place
from tests.data.flat_store import Asked, Refusal

from liferaft.data.bucket.bucketcopy.store import StoreRefused
from liferaft.data.bucket.bucketcopy.trying import try_object


def test_a_bucket_that_takes_gives_back_and_deletes_is_well_and_is_left_empty(place: Place) -> None:
    assert try_object(place.task("new")) == {"ailment": None}
    assert [method for method, *_ in place.flat.asked][:4] == ["PUT", "GET", "DELETE", "GET"]
    assert not place.flat.bucket("new")


def test_keys_that_may_only_read_are_told_as_the_stores_own_refusal(place: Place) -> None:
    def only_reading(asked: Asked) -> None:
        if asked.method != "GET":
            raise Refusal(403, "AccessDenied")

    place.flat.before = only_reading
    with pytest.raises(StoreRefused, match="403 AccessDenied"):
        try_object(place.task("new"))


def test_keys_that_may_not_delete_are_told_too(place: Place) -> None:
    def no_deletion(asked: Asked) -> None:
        if asked.method == "DELETE":
            raise Refusal(403, "AccessDenied")

    place.flat.before = no_deletion
    with pytest.raises(StoreRefused, match="403 AccessDenied"):
        try_object(place.task("new"))


def test_a_store_that_gives_back_other_bytes_is_found(place: Place) -> None:
    def torn(asked: Asked) -> None:
        if asked.method == "GET":
            place.flat.put("new", asked.key, b"something else")

    place.flat.before = torn
    said = try_object(place.task("new"))["ailment"]
    assert said is not None
    assert "gives back others" in said
    place.flat.before = lambda _: None
    assert not place.flat.bucket("new")


def test_a_store_that_keeps_what_was_deleted_is_found(place: Place) -> None:
    kept: list[bytes] = []

    def forgetting(asked: Asked) -> None:
        there = place.flat.bucket("new")
        if asked.method == "DELETE" and asked.key in there:
            kept.append(there[asked.key].body)
        elif asked.method == "GET" and kept:
            place.flat.put("new", asked.key, kept[0])

    place.flat.before = forgetting
    assert try_object(place.task("new")) == {"ailment": "it keeps what was deleted"}
