"""Zeros that came back take no room, and nothing else about a file changes."""

import os
import subprocess
from pathlib import Path

import pytest

from liferaft.data.volume.volumekeeping.holes import dig_holes

SIZE = 8 * 1024 * 1024


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """A file of zeros and some words at its end, each of which takes room."""
    file = tmp_path / "deep er" / "disk"
    file.parent.mkdir()
    file.write_bytes(bytes(SIZE) + b"words")
    os.sync()
    assert file.stat().st_blocks * 512 >= SIZE
    return file


def test_zeros_take_no_room_and_content_links_and_times_stay(filled: Path) -> None:
    filled.chmod(0o640)
    os.link(filled, filled.with_name("again"))
    os.utime(filled, ns=(1_000_000_000, 1_234_567_891_123_456_789))
    dig_holes(filled.parent.parent)
    seen = filled.stat()
    assert seen.st_blocks * 512 < SIZE / 10
    assert filled.read_bytes() == bytes(SIZE) + b"words"
    assert (seen.st_mtime_ns, seen.st_nlink) == (1_234_567_891_123_456_789, 2)
    assert seen.st_mode & 0o7777 == 0o640


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file capabilities")
def test_a_program_keeps_what_it_may(filled: Path) -> None:
    granted = bytes.fromhex("0100000200040000000000000000000000000000")  # cap_net_bind_service
    os.setxattr(filled, "security.capability", granted)
    dig_holes(filled.parent)
    assert os.getxattr(filled, "security.capability") == granted


def test_what_is_no_file_is_passed_by(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/nonexistent")
    subprocess.run(["mkfifo", str(tmp_path / "fifo")], check=True)
    dig_holes(tmp_path)
    assert {one.name for one in tmp_path.iterdir()} == {"link", "fifo"}
