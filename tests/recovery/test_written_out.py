"""A blueprint is written into a folder whole, over nothing."""

from pathlib import Path

import pytest

from liferaft.failures import BadInput
from liferaft.recovery.blueprint import Blueprint
from liferaft.recovery.written_out import write

BLUEPRINT = Blueprint({"a/b/c.py": b"c", "liferaft.toml": b"t"}, "liferaft.toml")


def test_all_files_are_there_and_nobody_else_may_look(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "chirp"
    write(BLUEPRINT, folder)
    assert (folder / "a/b/c.py").read_bytes() == b"c"
    assert folder.stat().st_mode & 0o077 == 0


def test_what_lies_there_already_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "liferaft.toml").write_text("mine")
    with pytest.raises(BadInput, match="is not empty"):
        write(BLUEPRINT, tmp_path)
    assert (tmp_path / "liferaft.toml").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["liferaft.toml"]


def test_a_place_that_cannot_be_written_is_told_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="cannot be written"):
        write(BLUEPRINT, tmp_path / "file" / "chirp")
    clash = Blueprint({"a": b"", "a/b": b""}, "a")
    with pytest.raises(BadInput, match="cannot be written"):
        write(clash, tmp_path / "chirp")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
