"""Whose a bucket is, at a store that has no tags for buckets."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.contract.worlds import s3 as words
from tests.contract.worlds.aws import KEY, new_account, simulated_aws
from tests.contract.worlds.line import Asked, Line, Real, served
from tests.contract.worlds.machines import Machines
from werkzeug.wrappers import Response

from liferaft.clouds.boto_errors import control_plane
from liferaft.clouds.bucket_labels import OWNER
from liferaft.clouds.classification import CloudFailure
from liferaft.clouds.contract import Owner, TakenByAnotherOwner
from liferaft.clouds.control_plane import Patience
from liferaft.clouds.kinds import BucketSpec
from liferaft.clouds.s3 import S3Account, S3Bucket
from liferaft.data.bucket.bucketcopy import listing

pytestmark = pytest.mark.timeout(120)  # moto takes seconds to load
HURRY = Patience(attempts=2, budget=5, wait_initial=0.05, wait_max=0.1, poll=0.05, settle=1, gone=1)
OURS = Owner.of("urn:ours", app="chirp", site="hetzner", epoch=1)
THEIRS = Owner.of("urn:theirs", app="other", site="hetzner", epoch=1)


@dataclass
class Account:
    line: Line
    keys: S3Account
    asked: list[Asked]
    spec: BucketSpec

    @property
    def s3(self) -> Any:
        return self.keys.client()

    def buckets(self) -> S3Bucket:
        """As a new process has them."""
        return S3Bucket(control_plane("hetzner", HURRY), self.keys, "")


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    number = new_account()
    line = Line(simulated_aws(Machines(), tmp_path, number))
    seen: list[Asked] = []

    def untagged(asked: Asked, _real: Real) -> Response | None:
        seen.append(asked)
        return words.no_tags_for_buckets(asked)

    line.faults.append(untagged)
    with served(line) as url:
        keys = S3Account("us-east-1", KEY, "secret", endpoint=url)
        yield Account(line, keys, seen, BucketSpec(f"chirp-media-{number}"))


def test_an_object_in_the_bucket_says_whose_it_is_and_the_store_is_asked_for_tags_once(
    account: Account,
) -> None:
    buckets = account.buckets()
    buckets.create(account.spec, OURS)
    (row,) = buckets.owned_by(app="chirp", site="hetzner")
    assert (row.id, row.labels) == (account.spec.name, OURS.labels(account.spec))
    assert account.buckets().owned_by(app="other") == []
    written = account.s3.get_object(Bucket=account.spec.name, Key=OWNER)["Body"].read()
    assert json.loads(written) == OURS.labels(account.spec)
    account.asked.clear()
    buckets.create(account.spec, OURS)
    assert not [asked for asked in account.asked if "tagging" in asked.request.args]
    assert not [asked for asked in account.asked if asked.changes_something]


def test_a_kill_before_the_owner_is_written_leaves_a_bucket_that_the_same_command_takes(
    account: Account,
) -> None:
    account.s3.create_bucket(Bucket=account.spec.name)
    buckets = account.buckets()
    assert buckets.create(account.spec, OURS).name == account.spec.name
    assert [row.id for row in buckets.owned_by(app="chirp")] == [account.spec.name]


def test_a_bucket_with_objects_and_no_owner_is_nobodys_to_take(account: Account) -> None:
    account.s3.create_bucket(Bucket=account.spec.name)
    account.s3.put_object(Bucket=account.spec.name, Key="somebody's", Body=b"x")
    with pytest.raises(TakenByAnotherOwner, match="liferaft did not make it"):
        account.buckets().create(account.spec, OURS)
    assert account.s3.list_objects_v2(Bucket=account.spec.name)["KeyCount"] == 1


@pytest.mark.parametrize("written", [b"", b"[]", b"no JSON", b"\xff", b'{"liferaft-app": 7}'])
def test_an_owner_that_cannot_be_read_is_somebody_elses(account: Account, written: bytes) -> None:
    account.s3.create_bucket(Bucket=account.spec.name)
    account.s3.put_object(Bucket=account.spec.name, Key=OWNER, Body=written)
    with pytest.raises(TakenByAnotherOwner):
        account.buckets().create(account.spec, OURS)
    assert account.buckets().owned_by(app="chirp") == []


def test_another_apps_bucket_stays_its_own(account: Account) -> None:
    account.buckets().create(account.spec, THEIRS)
    with pytest.raises(TakenByAnotherOwner, match="it belongs to app other"):
        account.buckets().create(account.spec, OURS)


def test_what_a_store_lacks_is_not_asked_for_again(account: Account) -> None:
    account.s3.create_bucket(Bucket=account.spec.name)
    account.asked.clear()
    account.buckets().create(account.spec, OURS)
    tags = [asked for asked in account.asked if "tagging" in asked.request.args]
    assert [asked.method for asked in tags] == ["GET"]


def test_the_owner_goes_last_so_that_a_killed_deletion_is_found_again(account: Account) -> None:
    buckets = account.buckets()
    buckets.create(account.spec, OURS)
    for name in ("!first", "zzz"):
        account.s3.put_object(Bucket=account.spec.name, Key=name, Body=b"x")

    def killed(asked: Asked, _real: Real) -> Response | None:
        is_whole = asked.method == "DELETE" and asked.path.strip("/") == account.spec.name
        held = b"<Key>zzz</Key>" in asked.body
        return words.error("AccessDenied", "killed here", 403) if is_whole or held else None

    account.line.faults.append(killed)
    with pytest.raises(CloudFailure):
        buckets.delete(account.spec.name)
    assert [row.id for row in account.buckets().owned_by(app="chirp")] == [account.spec.name]
    account.line.faults.remove(killed)
    buckets.delete(account.spec.name)
    assert account.s3.list_buckets()["Buckets"] == []


def test_copies_of_a_bucket_leave_its_owner_alone() -> None:
    assert listing.OWNER == OWNER
