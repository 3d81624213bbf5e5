"""A bucket is emptied: how fast, what a kill leaves, and what is told when it takes too long."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.clouds.test_s3 import HURRY, Store
from tests.contract.worlds.aws import KEY, new_account, simulated_aws
from tests.contract.worlds.line import Asked, Line, Real, served
from tests.contract.worlds.machines import Machines
from werkzeug.wrappers import Response

from liferaft.clouds.boto_errors import control_plane
from liferaft.clouds.classification import CloudFailure, Verdict
from liferaft.clouds.emptying import LANES, SAFE
from liferaft.clouds.s3 import S3Account
from liferaft.clouds.s3_emptying import S3Emptying
from liferaft.failures import DeadlinePassed

pytestmark = pytest.mark.timeout(120)  # moto takes seconds to load
LAST = ".owner"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    number = new_account()
    line = Line(simulated_aws(Machines(), tmp_path, number))
    with served(line) as url:
        yield Store(line, S3Account("us-east-1", KEY, "secret", endpoint=url), number)


def emptying(store: Store, bucket: str, seconds: float = 60) -> S3Emptying:
    return S3Emptying(control_plane("aws", HURRY), store.s3, bucket, LAST, seconds)


def left(store: Store, bucket: str) -> list[str]:
    return [one["Key"] for one in store.s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


def test_several_requests_are_under_way_at_once_and_never_more_than_the_lanes(
    store: Store,
) -> None:
    store.s3.create_bucket(Bucket="wide")
    store.fill("wide", (f"{number:05}" for number in range(LANES * 1000 + 1)))
    now, most, lock = 0, 0, threading.Lock()
    several = threading.Event()

    def watched(asked: Asked, real: Real) -> Response | None:
        nonlocal now, most
        if "delete" not in asked.request.args:
            return None
        with lock:
            now, most = now + 1, max(most, now + 1)
            if now > 1:
                several.set()
        assert several.wait(30), "each waited for the one before"
        answer = real()
        with lock:
            now -= 1
        return answer

    store.line.faults.append(watched)
    one = emptying(store, "wide")
    one.run()
    assert (one.emptying.deleted, left(store, "wide")) == (LANES * 1000 + 1, [])
    assert 1 < most <= LANES


def test_what_a_store_fails_to_do_for_a_moment_is_asked_for_again_by_itself(store: Store) -> None:
    store.s3.create_bucket(Bucket="busy")
    store.fill("busy", (f"{number:04}" for number in range(1100)))
    slow = [Response("<Error><Code>SlowDown</Code></Error>", 503) for _ in range(2)]

    def throttled(asked: Asked, _real: Real) -> Response | None:
        return slow.pop() if "delete" in asked.request.args and slow else None

    store.line.faults.append(throttled)
    emptying(store, "busy").run()
    assert (left(store, "busy"), slow) == ([], [])


def test_the_last_key_goes_when_all_others_are_gone(store: Store) -> None:
    store.s3.create_bucket(Bucket="kept")
    store.fill("kept", (LAST, f"{LAST}ship", "zzz"))
    order: list[bytes] = []

    def seen(asked: Asked, _real: Real) -> Response | None:
        if "delete" in asked.request.args:
            order.append(asked.body)
        return None

    store.line.faults.append(seen)
    emptying(store, "kept").run()
    assert left(store, "kept") == []
    of_last = [f"<Key>{LAST}</Key>".encode() in body for body in order]
    assert of_last == [False, True]


def test_a_store_that_deletes_nothing_keeps_the_last_key(store: Store) -> None:
    store.s3.create_bucket(Bucket="stuck")
    store.fill("stuck", (LAST, "zzz"))

    def lying(asked: Asked, _real: Real) -> Response | None:
        return Response("<DeleteResult/>") if "delete" in asked.request.args else None

    store.line.faults.append(lying)
    emptying(store, "stuck").run()
    assert left(store, "stuck") == [LAST, "zzz"]


def test_a_deadline_tells_what_is_done_and_what_is_left_and_the_next_try_goes_on(
    store: Store,
) -> None:
    store.s3.create_bucket(Bucket="long")
    store.fill("long", (f"{number:05}" for number in range(2500)))
    one = emptying(store, "long", seconds=0)
    with pytest.raises(DeadlinePassed) as passed:
        one.run()
    told = passed.value.facts
    assert "bucket long was not empty after 0 s" in told.happened
    assert f"{one.emptying.deleted} objects, versions and uploads are deleted" in told.happened
    assert "goes on" in told.do
    assert one.emptying.deleted > 0
    emptying(store, "long").run()
    assert left(store, "long") == []


def test_an_upload_that_may_not_be_ended_is_told_and_nothing_is_deleted_after_it(
    store: Store,
) -> None:
    store.s3.create_bucket(Bucket="begun")
    store.fill("begun", ["one"])
    store.s3.create_multipart_upload(Bucket="begun", Key="large")

    def refused(asked: Asked, _real: Real) -> Response | None:
        if "uploadId" not in asked.request.args:
            return None
        return Response("<Error><Code>AccessDenied</Code></Error>", 403)

    store.line.faults.append(refused)
    with pytest.raises(CloudFailure) as failure:
        emptying(store, "begun").run()
    assert failure.value.classification.verdict is Verdict.AMBIGUOUS
    assert left(store, "begun") == ["one"]
    assert failure.value.facts.safe == SAFE
