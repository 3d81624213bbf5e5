"""A restored folder is compared file by file with what restic says of the snapshot."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from liferaft.data.volume.volumekeeping.compare import differences
from liferaft.data.volume.volumekeeping.look import walk

DIRECTORY, LINK, FIFO = 1 << 31, 1 << 27, 1 << 25


def node(path: str, seen: os.stat_result) -> dict[str, Any]:
    """As `restic ls --json` writes it; Go's mode has its bits elsewhere."""
    sort, bit = {
        0o040000: ("dir", DIRECTORY),
        0o100000: ("file", 0),
        0o120000: ("symlink", LINK),
        0o010000: ("fifo", FIFO),
    }[seen.st_mode & 0o170000]
    special = (1 << 23) if seen.st_mode & 0o4000 else 0
    whole = datetime.fromtimestamp(seen.st_mtime_ns // 10**9, UTC)
    told = {
        "path": path.encode(errors="surrogateescape").decode(errors="replace"),
        "type": sort,
        "mode": seen.st_mode & 0o777 | bit | special,
        "uid": seen.st_uid,
        "gid": seen.st_gid,
        "mtime": f"{whole:%Y-%m-%dT%H:%M:%S}.{seen.st_mtime_ns % 10**9:09}Z",
    }
    return {**told, "size": seen.st_size} if sort == "file" else told


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "_data"
    (made / "empty").mkdir(parents=True)
    (made / "note").write_text("hello")
    (made / "program").touch()
    (made / "program").chmod(0o4755)
    (made / "link").symlink_to("note")
    (made / "odd\nname").touch()
    Path(os.fsdecode(bytes(made) + b"/\xff")).touch()
    os.mkfifo(made / "fifo")
    return made


@pytest.fixture
def nodes(folder: Path) -> list[dict[str, Any]]:
    return [
        node("/_data" if path == "." else f"/_data/{path}", seen) for path, seen in walk(folder)
    ]


def test_the_same_is_the_same(folder: Path, nodes: list[dict[str, Any]]) -> None:
    assert differences(folder, nodes) == []


WRONG: dict[str, tuple[Callable[[Path], object], str]] = {
    "a file that lacks": (lambda at: (at / "note").unlink(), "/_data/note is not there"),
    "one too many": (lambda at: (at / "more").touch(), "/_data/more is no part of it"),
    "a shorter one": (lambda at: os.truncate(at / "note", 3), "/_data/note has size 3 and not 5"),
    "a mode": (lambda at: (at / "program").chmod(0o755), "has mode 0o755 and not 0o4755"),
    "a time": (lambda at: os.utime(at / "note", (1, 1)), "/_data/note has time"),
    "the folder's own": (lambda at: at.chmod(0o700), "/_data has mode"),
    "another sort": (
        lambda at: (at / "note").replace(at / "fifo"),
        "/_data/fifo is no fifo",
    ),
    "one whose name JSON cannot say": (
        lambda at: Path(os.fsdecode(bytes(at) + b"/\xfe")).touch(),
        "more or fewer files with names that are no UTF-8",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_every_difference_is_told(folder: Path, nodes: list[dict[str, Any]], what: str) -> None:
    change, said = WRONG[what]
    change(folder)
    assert any(said in row for row in differences(folder, nodes)), what
