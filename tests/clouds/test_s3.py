"""Buckets in the S3 dialect, against moto behind a line that sees every request."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from tests.contract.worlds.aws import KEY, new_account, simulated_aws
from tests.contract.worlds.line import Asked, Line, Real, served
from tests.contract.worlds.machines import Machines
from tests.seaweed import FIRST, seaweed
from werkzeug.wrappers import Response

from liferaft.clouds.boto_errors import control_plane
from liferaft.clouds.classification import CloudFailure
from liferaft.clouds.contract import Owner
from liferaft.clouds.control_plane import Patience
from liferaft.clouds.kinds import BucketSpec
from liferaft.clouds.s3 import S3Account, S3Bucket

pytestmark = pytest.mark.timeout(120)  # moto takes seconds to load
HURRY = Patience(attempts=3, budget=5, wait_initial=0.05, wait_max=0.1, poll=0.05, gone=3)

BRIEF = replace(HURRY, settle=0.2)


@dataclass
class Store:
    line: Line
    account: S3Account
    number: str
    """Of the account, as moto knows it."""
    asked: list[Asked] = field(default_factory=list)

    @cached_property
    def s3(self) -> Any:
        return self.account.client()

    def delete(self, name: str) -> None:
        """As a destroy does it. Clears and then fills `asked`."""
        self.asked.clear()
        S3Bucket(control_plane("aws", HURRY), self.account, "").delete(name)

    def fill(self, name: str, keys: Iterable[str]) -> None:
        """Past the wire, which takes most of the time of many small objects."""
        from moto.backends import get_backend

        held = get_backend("s3")[self.number]["aws"]
        for key in keys:
            held.put_object(name, key, b"x")

    def versioned(self, name: str) -> None:
        self.s3.create_bucket(Bucket=name)
        self.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    number = new_account()
    line = Line(simulated_aws(Machines(), tmp_path, number))
    with served(line) as url:
        store = Store(line, S3Account("us-east-1", KEY, "secret", endpoint=url), number)

        def seen(asked: Asked, _real: Real) -> Response | None:
            store.asked.append(asked)
            return None

        line.faults.append(seen)
        store.s3.list_buckets()
        yield store


def test_a_versioned_bucket_is_deleted_with_its_versions(store: Store) -> None:
    s3 = store.s3
    store.versioned("versioned")
    for name in ("one", "two", "two", "three", "three"):
        s3.put_object(Bucket="versioned", Key=name, Body=b"x")
    store.delete("versioned")
    assert s3.list_buckets()["Buckets"] == []


def test_objects_are_deleted_a_thousand_in_a_request(store: Store) -> None:
    s3 = store.s3
    s3.create_bucket(Bucket="many")
    store.fill("many", (f"{number:04}" for number in range(1201)))
    store.delete("many")
    assert s3.list_buckets()["Buckets"] == []
    deletions = [asked for asked in store.asked if asked.changes_something]
    assert len(deletions) == 3, "two of objects, and the bucket's"
    for asked in deletions[:2]:
        # What every vendor of S3 knows, and nothing newer.
        assert "Content-MD5" in asked.request.headers
        assert not [name for name, _ in asked.request.headers if "checksum" in name.lower()]


def test_only_buckets_that_may_be_ours_are_looked_at_and_one_that_is_closed_is_named(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """A narrow policy lets nobody ask about others."""
    ours = Owner.of("urn", app="gull", site="east", epoch=1)
    buckets = S3Bucket(control_plane("aws", HURRY), store.account, "")
    buckets.create(BucketSpec("gull-east-media"), ours)
    for name in ("gull-two-media", "gullible", "payroll"):
        store.s3.create_bucket(Bucket=name)
    store.asked.clear()

    def narrow(asked: Asked, _real: Real) -> Response | None:
        if asked.path.strip("/") in {"", "gull-east-media"}:
            return None
        return Response("<Error><Code>AccessDenied</Code></Error>", 403)

    store.line.faults.append(narrow)
    with caplog.at_level(logging.WARNING):
        assert [row.name for row in buckets.owned_by(app="gull")] == ["gull-east-media"]
    (told,) = caplog.messages
    assert "bucket gull-two-media is left out" in told
    assert "AccessDenied" in told
    assert {asked.path for asked in store.asked} == {"/", "/gull-east-media", "/gull-two-media"}


def test_a_name_that_somebody_else_has_is_told_with_the_way_to_another_one(store: Store) -> None:
    from moto.backends import get_backend

    get_backend("s3")[new_account()]["aws"].create_bucket("gull-west-media", "us-east-1")
    ours = Owner.of("urn", app="gull", site="east", epoch=1)
    buckets = S3Bucket(control_plane("aws", BRIEF), store.account, "")
    with pytest.raises(CloudFailure, match="BucketAlreadyExists") as failed:
        buckets.create(BucketSpec("gull-west-media"), ours)
    assert "bucket-names/SITE/DATA.json" in failed.value.facts.do
    assert store.s3.list_buckets()["Buckets"] == []


def test_a_bucket_of_ours_is_found_where_the_store_calls_it_somebody_elses(store: Store) -> None:
    """Hetzner's store has one answer for both; the first answer was lost."""
    ours = Owner.of("urn", app="gull", site="east", epoch=1)
    buckets = S3Bucket(control_plane("hetzner", HURRY), store.account, "")
    hidden = [Response("<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>")]
    taken = Response("<Error><Code>BucketAlreadyExists</Code></Error>", 409)
    store.s3.create_bucket(Bucket="gull-south-media")

    def late(asked: Asked, _real: Real) -> Response | None:
        if asked.path == "/" and hidden:
            return hidden.pop()
        is_creation = asked.method == "PUT" and asked.path == "/gull-south-media"
        return taken if is_creation and not asked.request.args else None

    store.line.faults.append(late)
    assert buckets.create(BucketSpec("gull-south-media"), ours).name == "gull-south-media"
    assert not hidden


def test_an_outage_leaves_no_bucket_out(store: Store) -> None:
    store.s3.create_bucket(Bucket="gull-north-media")

    def down(asked: Asked, _real: Real) -> Response | None:
        return Response(status=503) if "tagging" in asked.request.args else None

    store.line.faults.append(down)
    with pytest.raises(CloudFailure):
        S3Bucket(control_plane("aws", HURRY), store.account, "").owned_by(app="gull")


def test_unfinished_uploads_go_too_and_one_that_just_ended_is_no_obstacle(store: Store) -> None:
    s3 = store.s3
    s3.create_bucket(Bucket="uploads")
    for number in range(3):
        s3.create_multipart_upload(Bucket="uploads", Key=f"{number}")
    aborted: list[Response] = []

    def gone(asked: Asked, real: Real) -> Response | None:
        if asked.method != "DELETE" or "uploadId" not in asked.request.args or aborted:
            return None
        aborted.append(real())
        return Response("<Error><Code>NoSuchUpload</Code></Error>", 404)

    store.line.faults.append(gone)
    store.delete("uploads")
    assert aborted
    assert s3.list_buckets()["Buckets"] == []


def test_an_object_that_may_not_be_deleted_is_named_at_once(store: Store) -> None:
    s3 = store.s3
    store.versioned("locked")
    s3.put_object(Bucket="locked", Key="free", Body=b"x")
    s3.put_object(Bucket="locked", Key="held", Body=b"x")

    def refused(asked: Asked, _real: Real) -> Response | None:
        if b"<Key>held</Key>" not in asked.body:
            return None
        said = "<Key>held</Key><Code>AccessDenied</Code><Message>Object is locked</Message>"
        return Response(f"<DeleteResult><Error>{said}</Error></DeleteResult>")

    store.line.faults.append(refused)
    with pytest.raises(CloudFailure) as caught:
        store.delete("locked")
    assert "Object is locked (object 'held')" in str(caught.value.facts)
    assert caught.value.classification.code == "AccessDenied"


@pytest.mark.sandbox
def test_a_real_store_gives_up_versions_markers_and_odd_names() -> None:
    with seaweed() as real:
        s3 = real.client()
        s3.create_bucket(Bucket="odd")
        s3.put_bucket_versioning(Bucket="odd", VersioningConfiguration={"Status": "Enabled"})
        for name in ("a\x01b", "line\nend", "return\r", "a&<b>", "ä", "twice", "twice"):
            s3.put_object(Bucket="odd", Key=name, Body=b"x")
        s3.delete_object(Bucket="odd", Key="twice")
        s3.delete_object(Bucket="odd", Key="never-there")
        s3.put_bucket_versioning(Bucket="odd", VersioningConfiguration={"Status": "Suspended"})
        s3.put_object(Bucket="odd", Key="ä", Body=b"of no version")
        s3.create_multipart_upload(Bucket="odd", Key="unfinished")
        S3Bucket(control_plane("aws", HURRY), real.account, "").delete("odd")
        assert [one["Name"] for one in s3.list_buckets()["Buckets"]] == [FIRST]
