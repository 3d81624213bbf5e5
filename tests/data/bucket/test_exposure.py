"""What a bucket's keepers say of what is not in the vaults, as `status` reads it."""

import json

import pytest
from tests.models.host import HostModel
from tests.models.machine import Machine

from liferaft.data.bucket.exposure import BucketExposure, exposure_file, exposures, exposures_in
from liferaft.data.bucket.program import MANIFESTS
from liferaft.remote.files import folders

TOLD = {
    "at": 990.0,
    "kept_until": 980.5,
    "objects": 3,
    "bytes": 4096,
    "oldest": 700,
    "is_whole": True,
    "passed": 400,
    "missing": 2,
    "failing": "",
}


def said(**changes: object) -> str:
    return f"1000\nmain:media.exposure {json.dumps({**TOLD, **changes})}\n"


def test_moments_are_ages_by_the_servers_own_clock() -> None:
    (one,) = exposures_in(said())
    assert one == BucketExposure(
        *("main", 10.0, 19.5, 3, 4096, 300.0), is_whole=True, passed=600.0, missing=2, failing=""
    )
    assert not one.is_stale


def test_a_keeper_that_wrote_nothing_for_a_minute_is_not_believed() -> None:
    (one,) = exposures_in(said(at=900))
    assert one.is_stale


def test_what_never_was_is_no_age() -> None:
    (one,) = exposures_in(said(kept_until=None, oldest=None, passed=None))
    assert (one.behind, one.oldest, one.passed) == (None, None, None)


def test_a_keeper_of_a_version_that_compared_no_rows_says_nothing_of_them() -> None:
    told = {name: value for name, value in TOLD.items() if name != "missing"}
    (one,) = exposures_in(f"1000\nmain:media.exposure {json.dumps(told)}\n")
    assert one.missing is None


@pytest.mark.parametrize("note", ["", "half of it {", "[]", "7", '{"at": 1}', '{"at": "x"}'])
def test_a_note_that_is_none_hides_no_other(note: str) -> None:
    text = f"{said()}other:media.exposure {note}\n"
    assert [one.vault for one in exposures_in(text)] == ["main"]


def test_a_server_that_says_nothing_has_none() -> None:
    assert exposures_in("") == ()


async def test_each_vaults_keeper_is_read_and_no_other_buckets() -> None:
    machine = Machine("198.51.100.7")
    await folders(HostModel(machine), MANIFESTS)
    for instance in ("first:media", "second:media", "first:others-media"):
        machine.files.write(exposure_file(instance), json.dumps(TOLD).encode(), 0.0)
    came = await exposures(HostModel(machine), "media")
    assert [one.vault for one in came] == ["first", "second"]
    assert not machine.refused


async def test_a_server_without_keepers_has_none() -> None:
    assert await exposures(HostModel(Machine("198.51.100.7")), "media") == ()
