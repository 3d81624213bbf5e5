"""How bytes come into a store that locks what it is given, and into one that does not."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from tests.data.bucket.bucketcopy.conftest import FOLDER, SEAL, Place, contents, kept, progress
from tests.moto_store import MotoStore, moto_store

from liferaft.data.bucket.bucketcopy import uploads
from liferaft.data.bucket.bucketcopy.dialect import StoreKeys
from liferaft.data.bucket.bucketcopy.restore import restore
from liferaft.data.bucket.bucketcopy.snapshot import snapshot
from liferaft.data.bucket.bucketcopy.store import Store
from liferaft.data.bucket.bucketcopy.task import Task

LARGE = os.urandom(3 << 20)
"""It is not held whole, where nobody demands a checksum."""


def put_into(place: Place, bucket: str) -> list[Mapping[str, str]]:
    """Headers of all that was sent to write there."""
    return [
        headers
        for method, target, headers in place.flat.asked
        if method == "PUT" and target.startswith(f"/{bucket}/")
    ]


def test_what_is_held_whole_says_its_md5_to_every_store(place: Place) -> None:
    place.flat.put("site", "small", b"a few bytes")
    kept(place)
    (written,) = put_into(place, "vault")
    assert "content-md5" in written, "the store compares it with what came"


def test_a_large_object_goes_in_one_request_where_nothing_is_locked(place: Place) -> None:
    place.flat.put("site", "large", LARGE)
    kept(place)
    (written,) = put_into(place, "vault")
    assert written["x-amz-content-sha256"] == "UNSIGNED-PAYLOAD"
    assert "content-md5" not in written


def test_a_vault_that_locks_gets_large_objects_in_parts_that_say_their_md5(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "HELD", 1 << 20)
    place.flat.locked.add("vault")
    for name in ("one", "two"):
        place.flat.put("site", name, LARGE, content_type="image/jpeg")
    kept(place)
    refused = [one for one in put_into(place, "vault") if "content-md5" not in one]
    assert 1 <= len(refused) <= 2, "each lane that was under way is refused once"
    assert not place.flat.uploads, "nothing is left half done"
    restore(place.task("new"))
    assert contents(place, "new") == contents(place, "site")
    assert progress(place)["objects"] == 2


def test_an_object_above_what_one_request_takes_goes_to_such_a_vault_too(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its first part is refused, and what was begun is ended."""
    monkeypatch.setattr(uploads, "ONE_PUT", 2 << 20)
    monkeypatch.setattr(uploads, "HELD", 1 << 20)
    place.flat.locked.add("vault")
    place.flat.put("site", "huge", LARGE)
    kept(place)
    assert not place.flat.uploads
    restore(place.task("new"))
    assert contents(place, "new") == contents(place, "site")


@pytest.fixture
def moto(tmp_path: Path) -> Iterator[MotoStore]:
    with moto_store(tmp_path, key="id", secret="key") as store:
        for name in ("site", "new"):
            store.make_bucket(f"{name}-media")
        store.make_locked_bucket("vault")
        yield store


def test_a_bucket_comes_through_a_locked_vault_of_another_make(
    moto: MotoStore, tmp_path: Path
) -> None:
    large = os.urandom(uploads.HELD + (1 << 20))
    s3 = moto.client()
    for key, body in (("small", b"a few bytes"), ("large", large)):
        s3.put_object(Bucket="site-media", Key=key, Body=body, ContentType="image/jpeg")
    keys = StoreKeys("id", "key", "us-east-1")

    def task(bucket: str) -> Task:
        ca_file = str(moto.ca_file)
        site = Store("site", moto.url, bucket, keys, ca_file)
        vault = Store("vault", moto.url, "vault", keys, ca_file)
        return Task("media", "neutral", site, vault, [FOLDER], SEAL, tmp_path)

    came = snapshot(task("site-media"))
    assert (came["copied"], came["missing"], came["left_out_count"]) == (2, 0, 0)
    restore(task("new-media"))
    assert s3.get_object(Bucket="new-media", Key="large")["Body"].read() == large
    assert s3.get_object(Bucket="new-media", Key="small")["ContentType"] == "image/jpeg"
