"""What podman calls a volume follows from what the Compose file calls it."""

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


@pytest.mark.parametrize(
    ("written", "called"),
    [
        ("uploads", "uploads"),
        ("./up loads", "up-loads"),
        ("./a/b", "a-b"),
        ("../beside", "beside"),
        (".", "folder"),
        ("web:/scratch dir", "web-scratch-dir"),
    ],
)
def test_a_name_is_itself_and_a_folder_one_that_podman_takes(written: str, called: str) -> None:
    assert volume_name(written) == called


def test_each_volume_of_a_file_is_found_by_what_it_calls_it(tmp_path: Path) -> None:
    mounts = parse(TEXT, tmp_path / "compose.yaml").services["web"].volumes
    assert [volume_name(one.written) for one in mounts] == [one.source for one in mounts]
    assert [one.source for one in mounts] == [
        "uploads",
        "up-loads",
        "beside",
        "folder",
        "web-scratch-dir",
    ]
