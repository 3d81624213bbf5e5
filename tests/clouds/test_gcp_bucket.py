"""Buckets at Google: with Google's own client, against the simulated one."""

from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest
from tests.contract.home import HURRY
from tests.contract.worlds.gcp import GcpWorld, gcp_world
from tests.contract.worlds.line import Asked, Real
from werkzeug.wrappers import Response

from liferaft.clouds.classification import CloudFailure
from liferaft.clouds.contract import Owner
from liferaft.clouds.gcp.access import GcpAccess
from liferaft.clouds.gcp.bucket import GcpBucket
from liferaft.clouds.kinds import BucketSpec

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]  # its client takes seconds to load
OWNER = Owner.of("urn:bucket", app="chirp", site="gcp", epoch=1)


def full_bucket(world: GcpWorld, count: int) -> tuple[GcpAccess, GcpBucket]:
    access = GcpAccess(world.region, world.credentials, HURRY)
    buckets = GcpBucket(access)
    buckets.create(BucketSpec("chirp-media"), OWNER)
    content = access.clients.storage.bucket("chirp-media")
    for number in range(count):
        content.blob(f"folder/ä {number}").upload_from_string("x")
    return access, buckets


EMAIL = "chirp-media@chirp-lab.iam.gserviceaccount.com"


def let_in(access: GcpAccess) -> list[tuple[str, list[str]]]:
    policy = access.clients.storage.bucket("chirp-media").get_iam_policy()
    return [(binding["role"], sorted(binding["members"])) for binding in policy.bindings]


def test_the_apps_account_may_use_the_bucket_that_was_made_for_it(tmp_path: Path) -> None:
    with gcp_world(tmp_path) as world:
        given = {**world.credentials, "GCS_HMAC_ACCOUNT": EMAIL}
        access = GcpAccess(world.region, given, HURRY)
        GcpBucket(access).create(BucketSpec("chirp-media"), OWNER)
        granted = [("roles/storage.objectUser", [f"serviceAccount:{EMAIL}"])]
        assert let_in(access) == granted
        before = world.changes
        GcpBucket(access).create(BucketSpec("chirp-media"), OWNER)
        assert let_in(access) == granted
        assert world.changes == before


def test_a_name_that_somebody_else_has_is_told_with_the_way_to_another_one(tmp_path: Path) -> None:
    with gcp_world(tmp_path) as world:
        access = GcpAccess(world.region, world.credentials, replace(HURRY, settle=0.2))
        with pytest.raises(CloudFailure, match="name is not available") as failed:
            GcpBucket(access).create(BucketSpec("somebody-elses-media"), OWNER)
        assert "bucket-names/SITE/DATA.json" in failed.value.facts.do


def test_whom_somebody_else_let_in_stays(tmp_path: Path) -> None:
    with gcp_world(tmp_path) as world:
        plain = GcpAccess(world.region, world.credentials, HURRY)
        GcpBucket(plain).create(BucketSpec("chirp-media"), OWNER)
        assert let_in(plain) == []
        bucket = plain.clients.storage.bucket("chirp-media")
        policy = bucket.get_iam_policy(requested_policy_version=3)
        theirs = {"role": "roles/storage.objectViewer", "members": {"user:ann@chirp.test"}}
        policy.bindings.append(theirs)
        bucket.set_iam_policy(policy)
        given = {**world.credentials, "GCS_HMAC_ACCOUNT": EMAIL}
        access = GcpAccess(world.region, given, HURRY)
        GcpBucket(access).create(BucketSpec("chirp-media"), OWNER)
        roles = {role for role, _ in let_in(access)}
        assert roles == {"roles/storage.objectViewer", "roles/storage.objectUser"}


def test_objects_are_deleted_a_hundred_in_a_request(tmp_path: Path) -> None:
    with gcp_world(tmp_path) as world:
        _, buckets = full_bucket(world, 101)
        before = world.changes
        buckets.delete("chirp-media")
        assert buckets.read("chirp-media") is None
        assert world.changes - before == 3, "two of objects, and the bucket's"


def test_an_object_that_went_by_itself_does_not_make_the_bucket_seem_gone(tmp_path: Path) -> None:
    with gcp_world(tmp_path) as world:
        access, buckets = full_bucket(world, 2)
        gone: list[str] = []

        def one_goes(asked: Asked, _real: Real) -> Response | None:
            if "/batch/" in unquote(asked.path) and not gone:
                gone.append("folder/ä 1")
                access.clients.storage.bucket("chirp-media").blob(gone[0]).delete()
            return None

        world.line.faults.append(one_goes)
        buckets.delete("chirp-media")
        assert gone
        assert buckets.read("chirp-media") is None


def test_a_request_that_fails_for_a_moment_is_asked_again_and_those_before_it_are_not(
    tmp_path: Path,
) -> None:
    with gcp_world(tmp_path) as world:
        _, buckets = full_bucket(world, 101)
        down = [Response("upstream timed out", 503)]
        batches: list[bytes] = []

        def fails_once(asked: Asked, _real: Real) -> Response | None:
            if "/batch/" not in unquote(asked.path):
                return None
            batches.append(asked.body)
            return down.pop() if len(batches) == 1 else None

        world.line.faults.append(fails_once)
        buckets.delete("chirp-media")
        assert buckets.read("chirp-media") is None
        assert len(batches) == 3
