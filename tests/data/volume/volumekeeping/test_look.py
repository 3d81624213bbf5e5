"""Whether anything changed is seen whatever the change is, and nothing is read for it."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from liferaft.data.volume.volumekeeping.look import look_at, walk


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "_data"
    (made / "photos" / "empty").mkdir(parents=True)
    (made / "note").write_text("hello")
    (made / "photos" / "1.jpg").write_bytes(b"a picture")
    (made / "link").symlink_to("note")
    (made / "other").symlink_to("else")
    return made


CHANGES: dict[str, Callable[[Path], object]] = {
    "a new file": lambda at: (at / "new").touch(),
    "a deleted one": lambda at: (at / "note").unlink(),
    "one of the same size": lambda at: (at / "note").write_text("HELLO"),
    "a mode": lambda at: (at / "note").chmod(0o600),
    "another name": lambda at: (at / "note").rename(at / "renamed"),
    "one more name": lambda at: (at / "more").hardlink_to(at / "note"),
    "an empty folder": lambda at: (at / "photos" / "empty").rmdir(),
    "where a link leads": lambda at: (at / "other").replace(at / "link"),
    "a name that is no UTF-8": lambda at: Path(os.fsdecode(bytes(at) + b"/\xff")).touch(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_is_seen(folder: Path, change: str) -> None:
    before = look_at(folder, ())
    assert look_at(folder, ()) == before, "nothing changed"
    CHANGES[change](folder)
    assert look_at(folder, ()) != before


def test_what_is_left_out_changes_nothing(folder: Path) -> None:
    exclude = ("/cache", "*.tmp")
    before = {path for path, _ in walk(folder, exclude)}
    (folder / "cache").mkdir()
    (folder / "cache" / "big").touch()
    (folder / "photos" / "half.tmp").touch()
    assert {path for path, _ in walk(folder, exclude)} == before
    (folder / "photos" / "cache").touch()
    assert "photos/cache" in {path for path, _ in walk(folder, exclude)}, "another folder's"


def test_a_folder_that_goes_meanwhile_is_not_there(folder: Path) -> None:
    seen = []
    for path, _ in walk(folder):
        seen.append(path)
        if path == "photos":
            shutil.rmtree(folder / "photos")
    assert seen[-1] == "photos"
