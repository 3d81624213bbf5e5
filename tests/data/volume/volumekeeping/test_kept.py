"""The notes of whole snapshots: their names sort as they were taken, and say all."""

from datetime import UTC, datetime

import pytest

from liferaft.data.volume.volumekeeping.kept import KeptVolume, moment_of, written

MOMENT = datetime(2026, 11, 30, 15, 42, 26, 975_832, tzinfo=UTC)
FOLDER = "epoch-00000001/volume/files"


def test_a_note_is_called_by_the_moment_of_which_it_has_everything() -> None:
    key = KeptVolume(FOLDER, MOMENT, "a" * 64).key
    assert key == f"{FOLDER}/kept/20261130T154226.975Z-{'a' * 64}"


def test_a_name_never_says_more_than_is_there() -> None:
    assert moment_of(written(MOMENT)) <= MOMENT
    assert (MOMENT - moment_of(written(MOMENT))).total_seconds() < 0.001


def test_what_a_later_reign_kept_is_newer_whatever_clocks_say() -> None:
    old = KeptVolume(FOLDER, MOMENT, "a" * 64)
    new = KeptVolume(FOLDER.replace("1", "2"), MOMENT.replace(year=2025), "b" * 64)
    assert max(old, new) == new


def test_what_is_no_moment_is_none() -> None:
    with pytest.raises(ValueError, match="does not match"):
        moment_of("yesterday")
