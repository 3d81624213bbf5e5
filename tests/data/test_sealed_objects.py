"""What is sealed in a vault is damaged where each reading says so, not where one line breaks."""

from typing import Any

import pytest

from liferaft.data.sealed_objects import READINGS, read_sealed
from liferaft.remote.contract import Completed

DAMAGED = Completed(1, b"", b"Failed to copy: file is too short to be encrypted\n")
CUT = Completed(1, b"", b"Failed to copy: connection reset by peer\n")
WELL = Completed(0, b"", b"")


class AnsweringHost:
    """It ends each command as the test says, one after the other."""

    def __init__(self, *ends: Completed) -> None:
        self.ends, self.begun = list(ends), 0

    async def run(self, *_: Any, **__: Any) -> Completed:
        self.begun += 1
        return self.ends.pop(0)


@pytest.mark.parametrize(
    ("ends", "last"),
    [
        ((WELL,), WELL),
        ((DAMAGED, WELL), WELL),
        ((DAMAGED, DAMAGED, WELL), WELL),
        ((DAMAGED, CUT), CUT),
        ((DAMAGED,) * READINGS, DAMAGED),
        ((CUT,), CUT),
    ],
)
async def test_only_what_each_reading_calls_damage_is_damage(
    ends: tuple[Completed, ...], last: Completed
) -> None:
    host: Any = AnsweringHost(*ends)
    assert await read_sealed(host, ["rclone"], deadline=1, readings=READINGS) is last
    assert host.begun == len(ends)
