"""A bucket comes back as files: each under its key, or where that is no path under another name."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.data.bucket.bucketcopy.conftest import FOLDER, SEAL, Place, kept

from liferaft.data.bucket.bucketcopy.sealing import GONE
from liferaft.data.bucket.bucketcopy.unpack import OBJECTS, OTHERS, place_of, unpack


def rows(place: Place) -> dict[str, Path]:
    lines = (place.state / "index.jsonl").read_text().splitlines()
    return {row["key"]: place.state / row["file"] for row in map(json.loads, lines)}


def files(place: Place) -> list[Path]:
    """All that was unpacked, whatever it is called."""
    found = (path for name in (OBJECTS, OTHERS) for path in (place.state / name).rglob("*"))
    return [path for path in found if path.is_file()]


@pytest.fixture
def into(tmp_path: Path, place: Place) -> Place:
    folder = tmp_path / "into"
    folder.mkdir()
    return Place(place.flat, folder)


HOSTILE = ("../../up", "/root", "a//b", "a/", ".", "a/../b", "x" * 300, "ü/" + "é" * 200, "both/in")


def test_every_object_is_a_file_with_its_bytes_and_none_lies_outside(into: Place) -> None:
    keys = ("plain", "deep/er/one", "both", *HOSTILE)
    for key in keys:
        into.flat.put("site", key, f"content of {key}".encode())
    kept(into)
    came = unpack(into.task("site"))
    assert (came["objects"], came["damaged_count"]) == (len(keys), 0)
    found = rows(into)
    assert set(found) == set(keys)
    for key, path in found.items():
        assert path.read_bytes() == f"content of {key}".encode()
        assert path.resolve().is_relative_to(into.state)
    assert found["deep/er/one"] == into.state / OBJECTS / "deep/er/one"
    assert len(files(into)) == len(keys)


def test_the_latest_version_of_a_key_counts(into: Place) -> None:
    for body in (b"old", b"newer", b"newest"):
        into.flat.put("site", "one", body)
        into.flat.bucket("site")["one"].modified = 1e9 + len(body)
        kept(into)
    unpack(into.task("site"))
    assert {key: path.read_bytes() for key, path in rows(into).items()} == {"one": b"newest"}


def test_what_is_damaged_is_told_and_no_half_of_it_lies_there(into: Place) -> None:
    for key in ("one", "two"):
        into.flat.put("site", key, b"x" * 100)
    kept(into)
    torn = min(into.flat.bucket("vault"))
    body = bytearray(into.flat.bucket("vault")[torn].body)
    body[-1] ^= 1
    into.flat.bucket("vault")[torn].body = bytes(body)
    came = unpack(into.task("site"))
    assert list(came["damaged"]) == [torn]
    assert files(into) == list(rows(into).values())


@pytest.mark.parametrize("key", HOSTILE[:7])
def test_a_key_that_is_no_path_gets_a_name_that_says_nothing(key: str) -> None:
    assert place_of(Path("/f"), key, "d" * 32) == Path("/f") / OTHERS / ("d" * 32)


def test_as_of_a_moment_what_came_later_is_left_out_and_what_was_deleted_since_is_there(
    into: Place,
) -> None:
    moment = 1_795_960_800
    for key, body, at in (("a", b"then", -9), ("a", b"later", 9), ("b", b"new", 9), ("c", b"", -9)):
        into.flat.put("site", key, body)
        into.flat.bucket("site")[key].modified = moment + at
        kept(into)
    [gone] = [name for name in into.flat.bucket("vault") if SEAL.digest("c") in name]
    mark = SEAL.mark(gone.removeprefix(FOLDER), GONE, moment + 60)
    into.flat.put("vault", f"{FOLDER}{mark}")
    unpack(replace(into.task("site"), as_of=float(moment)))
    assert {key: path.read_bytes() for key, path in rows(into).items()} == {"a": b"then", "c": b""}
    assert len(files(into)) == 2
