"""What the server that keeps a bucket says of each vault."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from liferaft.data.bucket import lag
from liferaft.data.bucket.exposure import BucketExposure
from liferaft.data.bucket.keeper import KEPT
from liferaft.data.bucket.lag import lags_of, of_note
from liferaft.data.exposure import Backlog, least


def test_each_vault_is_as_far_behind_as_its_last_whole_copy() -> None:
    assert lags_of("100.5\nmain 91.5\ndepot 40.5\n") == (
        Backlog("main", 9.0),
        Backlog("depot", 60.0),
    )


def test_a_copy_that_was_never_whole_is_not_known_and_not_nothing() -> None:
    (found,) = lags_of("100.5\nmain \n")
    assert found.seconds is None
    assert found.why == "no copy there is whole yet"


def test_the_server_is_asked_by_a_script_that_works(tmp_path: Path) -> None:
    for vault in ("main", "depot"):
        (tmp_path / vault).mkdir()
    (tmp_path / "main/media").write_text("1000.25")
    (tmp_path / "depot/media").touch()
    (tmp_path / "other").write_text("of an earlier version")
    script = lag._ASK.replace(KEPT, str(tmp_path))
    ran = subprocess.run(
        ["bash", "-c", script, "-", "media"], capture_output=True, text=True, check=True
    )
    found = {one.vault: one.seconds is not None for one in lags_of(ran.stdout)}
    assert found == {"main": True, "depot": False}


NOTED = BucketExposure(
    vault="main",
    noted=3.0,
    behind=8.0,
    objects=2,
    size=500,
    oldest=20.0,
    is_whole=True,
    passed=60.0,
    missing=None,
    failing="",
)


def test_a_keeper_that_counts_says_how_many_objects_and_since_when() -> None:
    assert of_note(NOTED) == Backlog("main", 20.0, 500, 2)
    assert of_note(replace(NOTED, objects=0, size=0, oldest=None)) == Backlog("main", 8.0, 0, 0)


@pytest.mark.parametrize(
    ("note", "why"),
    [
        (replace(NOTED, noted=90.0), "its keeper has said nothing for 0:01:30"),
        (replace(NOTED, behind=None), "no copy there is whole yet"),
        (replace(NOTED, behind=None, failing="403"), "403"),
    ],
)
def test_a_keeper_that_does_not_get_on_knows_nothing(note: BucketExposure, why: str) -> None:
    assert of_note(note) == Backlog("main", why=why)


def test_how_many_there_are_of_what_cannot_be_listed_is_not_known() -> None:
    """What rows name is in the vault; the bucket was not listed since it refuses."""
    found = of_note(replace(NOTED, objects=0, size=0, failing="403 AccessDenied"))
    assert found == Backlog("main", 20.0, why="403 AccessDenied")


def test_how_many_there_are_behind_a_listing_that_is_under_way_is_not_known() -> None:
    found = of_note(replace(NOTED, is_whole=False))
    assert (found.seconds, found.objects, found.size) == (20.0, None, None)


def test_what_rows_name_and_nobody_has_is_told() -> None:
    assert of_note(replace(NOTED, missing=3)).why == "3 objects that rows name are nowhere"


def test_what_is_lost_is_what_the_vault_lacks_that_is_least_behind() -> None:
    behind, near, unknown = Backlog("a", 60.0, 5), Backlog("b", 9.0, 7), Backlog("c")
    assert least([behind, near, unknown]) == near
    assert least([unknown]) is None
