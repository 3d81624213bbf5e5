"""What podman calls a volume follows from what the Compose file calls it."""

import re
from pathlib import Path

import pytest

from liferaft.compose.application import parse
from liferaft.compose.volume_name import volume_name

TEXT = """\
services:
  web:
    image: a:1
    volumes: [uploads:/u, "./up loads/:/v", ../beside:/w, .:/x, /scratch dir]
volumes: {uploads: }
"""


def test_a_name_is_itself() -> None:
    assert volume_name("uploads") == "uploads"


@pytest.mark.parametrize(
    ("written", "begins"),
    [
        ("./up loads", "up-loads-"),
        ("./a/b", "a-b-"),
        ("../beside", "beside-"),
        (".", "folder-"),
        ("web:/scratch dir", "web-scratch-dir-"),
    ],
)
def test_a_folder_or_a_place_has_one_that_podman_takes_and_people_know_again(
    written: str, begins: str
) -> None:
    assert volume_name(written).startswith(begins)
    assert re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,60}", volume_name(written))


def test_two_that_only_look_alike_are_two_volumes() -> None:
    alike = ["files", "./files", "../files", "./fi les", "./fi-les", "fi-les", "./fi/les"]
    alike += ["web:/x", "web-x", f"./{'a' * 80}", f"./{'a' * 81}"]
    assert len({volume_name(one) for one in alike}) == len(alike)


def test_one_folder_is_one_volume_however_it_is_written() -> None:
    assert (
        len({volume_name(one) for one in ("./files", "././files", ".//files", "./a/../files")}) == 1
    )


def test_each_volume_of_a_file_is_found_by_what_it_calls_it(tmp_path: Path) -> None:
    mounts = parse(TEXT, tmp_path / "compose.yaml").services["web"].volumes
    assert [volume_name(one.written) for one in mounts] == [one.source for one in mounts]
    assert len({one.source for one in mounts}) == len(mounts)
