"""Cloud Storage's JSON API over a store of objects, with Google's own client and without."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import boto3
import google.cloud.storage
import pytest
from google.api_core import exceptions
from moto import mock_aws
from tests.sandbox.clouds.gcp.conftest import PROJECT

from liferaft_sandbox.clouds.gcp.object_store import MemoryObjects, ObjectStore, S3Objects
from liferaft_sandbox.clouds.gcp.seed import Objects
from liferaft_sandbox.failures import SandboxFailed

if TYPE_CHECKING:
    from collections.abc import Iterator

    import requests
    from tests.sandbox.clouds.gcp.conftest import Cloud

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(600)]  # clients take seconds to load


@pytest.fixture
def client(cloud: Cloud) -> Any:
    return google.cloud.storage.Client(
        project=PROJECT,
        credentials=cloud.credentials(),
        client_options={"api_endpoint": cloud.url},
    )


@pytest.fixture
def bucket(client: Any) -> Any:
    wanted = client.bucket("chirp-media")
    wanted.labels = {"app": "chirp"}
    wanted.iam_configuration.uniform_bucket_level_access_enabled = True
    return client.create_bucket(wanted, location="europe-west3")


def test_a_bucket_keeps_its_labels_and_place(client: Any, bucket: Any) -> None:
    found = client.get_bucket("chirp-media")
    assert (found.labels, found.location) == ({"app": "chirp"}, "EUROPE-WEST3")
    assert found.iam_configuration.uniform_bucket_level_access_enabled
    assert [one.name for one in client.list_buckets(prefix="chirp")] == ["chirp-media"]
    bucket.labels = {"site": "gcp"}
    bucket.patch()
    again = client.get_bucket("chirp-media")
    assert (again.labels, again.metageneration) == ({"site": "gcp"}, 2)


@pytest.mark.usefixtures("bucket")
@pytest.mark.parametrize(
    ("name", "location", "refusal"),
    [
        ("chirp-media", "EU", "already own it"),
        ("Chirp", "EU", "Invalid bucket name"),
        ("other", "MARS", "location constraint is not valid"),
    ],
)
def test_a_bucket_that_cannot_be_is_refused(
    client: Any, name: str, location: str, refusal: str
) -> None:
    with pytest.raises(exceptions.ClientError, match=refusal):
        client.create_bucket(name, location=location)


def test_only_an_empty_bucket_goes(client: Any, bucket: Any) -> None:
    blob = bucket.blob("a/b c/ä.txt")
    blob.metadata = {"who": "op"}
    blob.upload_from_string("hello\r\n\0world", content_type="text/plain")
    with pytest.raises(exceptions.Conflict, match="not empty"):
        bucket.delete()
    (found,) = client.list_blobs("chirp-media", versions=True)
    found.delete()
    bucket.delete()
    with pytest.raises(exceptions.NotFound, match="The specified bucket does not exist"):
        bucket.reload()


@pytest.mark.fidelity
def test_content_comes_back_as_it_went(cloud: Cloud, bucket: Any) -> None:
    blob = bucket.blob("a/b c/ä.txt")
    blob.metadata = {"who": "op"}
    blob.upload_from_string("hello\r\n\0world", content_type="text/plain")
    found = bucket.get_blob("a/b c/ä.txt")
    assert found.download_as_bytes() == b"hello\r\n\0world"
    assert found.download_as_bytes(start=1, end=3) == b"ell"
    assert (found.metadata, found.content_type) == ({"who": "op"}, "text/plain")
    assert found.generation == blob.generation
    read = cloud.ask("GET", "chirp-media/a/b%20c/%C3%A4.txt")  # as Go's client does
    assert (read.status_code, read.content) == (200, b"hello\r\n\0world")
    assert bucket.get_blob("a/none") is None


@pytest.mark.fidelity
def test_an_upload_in_parts_is_whole_at_its_end(bucket: Any) -> None:
    content = bytes(range(256)) * 3000
    blob = bucket.blob("large", chunk_size=256 * 1024)
    blob.upload_from_file(io.BytesIO(content))
    assert bucket.blob("large").download_as_bytes() == content


@pytest.mark.fidelity
def test_an_upload_can_demand_that_nothing_is_there(bucket: Any) -> None:
    blob = bucket.blob("once")
    blob.upload_from_string("1", if_generation_match=0)
    with pytest.raises(exceptions.PreconditionFailed):
        blob.upload_from_string("2", if_generation_match=0)
    blob.upload_from_string("3", if_generation_match=blob.generation)
    assert bucket.blob("once").download_as_bytes() == b"3"


def test_a_listing_has_folders_and_pages(client: Any, bucket: Any) -> None:
    for name in ("a/1", "a/2", "b", "c/1", "d"):
        bucket.blob(name).upload_from_string(name)
    listing = client.list_blobs("chirp-media", delimiter="/", page_size=2)
    assert [blob.name for blob in listing] == ["b", "d"]
    assert sorted(listing.prefixes) == ["a/", "c/"]
    assert [blob.name for blob in client.list_blobs("chirp-media", prefix="a/")] == ["a/1", "a/2"]


def test_two_writes_are_two_generations(bucket: Any) -> None:
    first, second = bucket.blob("twice"), bucket.blob("twice")
    first.upload_from_string("same")
    second.upload_from_string("same")
    assert first.generation < second.generation
    with pytest.raises(exceptions.PreconditionFailed):
        first.upload_from_string("third", if_generation_match=first.generation)
    with pytest.raises(exceptions.NotModified):
        second.reload(if_generation_not_match=second.generation)
    (listed,) = bucket.list_blobs()
    assert (listed.generation, listed.crc32c) == (second.generation, second.crc32c)


@pytest.mark.fidelity
def test_what_an_object_says_of_itself_changes_apart_from_its_content(bucket: Any) -> None:
    blob = bucket.blob("page")
    blob.cache_control = "no-store"
    blob.upload_from_string("hello", content_type="text/plain")
    before = blob.generation
    blob.metadata = {"who": "op"}
    blob.patch()
    found = bucket.get_blob("page")
    assert (found.metadata, found.cache_control) == ({"who": "op"}, "no-store")
    assert (found.generation, found.metageneration) == (before, 2)
    found.cache_control = None
    found.update()
    found.reload()
    assert (found.cache_control, found.content_type) == (None, "text/plain")
    assert found.download_as_bytes() == b"hello"


@pytest.mark.fidelity
def test_objects_are_made_of_objects(client: Any, bucket: Any) -> None:
    one, two = bucket.blob("one"), bucket.blob("two")
    one.metadata = {"who": "op"}
    one.upload_from_string("1", content_type="text/plain")
    two.upload_from_string("2")
    other = client.create_bucket("chirp-other")
    assert bucket.copy_blob(one, other, "copy").metadata == {"who": "op"}
    token, done, whole = other.blob("again").rewrite(one)
    assert (token, done, whole) == (None, 1, 1)
    both = bucket.blob("both")
    both.compose([one, two])
    assert (both.component_count, both.md5_hash) == (2, None)
    assert bucket.blob("both").download_as_bytes() == b"12"
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.copy_blob(one, other, "copy", if_generation_match=0)
    with pytest.raises(exceptions.NotFound, match="No such object"):
        bucket.blob("x").compose([bucket.blob("none")])
    with pytest.raises(exceptions.BadRequest, match="between 1 and 32"):
        bucket.blob("x").compose([])


@pytest.mark.fidelity
def test_a_bucket_is_updated_whole(cloud: Cloud, bucket: Any) -> None:
    bucket.add_lifecycle_delete_rule(age=2)
    bucket.patch()
    said = {"project": PROJECT, "name": "chirp-media", "labels": {"a": "b"}}
    cloud.ask("PUT", "storage/v1/b/chirp-media", said)
    bucket.reload()
    assert (bucket.labels, list(bucket.lifecycle_rules)) == ({"a": "b"}, [])
    assert bucket.location == "EUROPE-WEST3"


@pytest.mark.fidelity
@pytest.mark.usefixtures("bucket")
@pytest.mark.parametrize(
    ("verb", "path", "lacks"),
    [
        ("GET", "storage/v1/b/chirp-media/o?matchGlob=*.txt", "matchGlob of storage.objects.list"),
        ("GET", "chirp-media/x?X-Goog-Signature=00", "signed URLs"),
        ("POST", "chirp-media/x?uploads", "XML API"),
    ],
)
def test_what_is_not_here_is_refused_by_name(
    cloud: Cloud, verb: str, path: str, lacks: str
) -> None:
    answer = cloud.ask(verb, path)
    assert answer.status_code == 400
    assert lacks in answer.json()["error"]["message"]


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Objects]:
    with mock_aws():
        yield S3Objects(Objects("https://s3.amazonaws.com", "AKIAEXAMPLE", "secret"))


@pytest.mark.parametrize("kind", ["memory", "s3"])
def test_both_stores_keep_objects_alike(kind: str, s3: S3Objects) -> None:
    store: ObjectStore = s3 if kind == "s3" else MemoryObjects()
    store.make_bucket("bkt")
    assert "bkt" in store.buckets()

    def write(name: str, content: bytes, *, only_new: bool = False) -> bool:
        how = {"content_type": "text/plain", "metadata": {"k": "v"}}
        return store.write("bkt", name, content, **how, only_new=only_new)  # type: ignore[arg-type]  # two types in one dict

    assert write("x/1", b"one", only_new=True)
    assert not write("x/1", b"two", only_new=True)
    assert write("x/2", b"two")
    assert store.read("bkt", "x/1") == b"one"
    found = store.head("bkt", "x/1")
    assert found is not None
    assert (found.size, found.content_type, dict(found.metadata)) == (3, "text/plain", {"k": "v"})
    assert found.md5 == "f97c5d29941bfb1b2fdab0874906ab82"
    assert [one.name for one in store.after("bkt", "x/", "x/1")] == ["x/2"]
    assert store.head("bkt", "none") is None
    assert store.head("none", "none") is None
    for name in ("x/1", "x/2"):
        store.delete("bkt", name)
    assert not store.after("bkt", "", "")
    store.delete_bucket("bkt")
    assert "bkt" not in store.buckets()


def test_a_store_that_refuses_is_the_labs_trouble(s3: S3Objects) -> None:
    with pytest.raises(SandboxFailed, match="refused delete_bucket"):
        s3.delete_bucket("none")


def test_both_dialects_show_one_store(s3: S3Objects) -> None:
    boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="theirs")
    assert "theirs" in s3.buckets()


@pytest.mark.fidelity
def test_a_project_is_needed_for_a_list(cloud: Cloud) -> None:
    answer: requests.Response = cloud.ask("GET", "storage/v1/b")
    assert answer.json()["error"]["message"] == "Required field 'project' not specified"
    assert cloud.ask("GET", "storage/v1/b", project="other").status_code == 403
