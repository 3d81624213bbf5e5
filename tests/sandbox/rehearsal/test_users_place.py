"""Users at work: what they were promised counts from when they came, and waiting for it ends."""

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from liferaft_sandbox.failures import NotReadyInTime, SandboxFailed
from liferaft_sandbox.rehearsal.users_place import UsersPlace
from liferaft_sandbox.users.records import FILE_NAME, Answer, Kind, Written, line_of

ASLEEP = (sys.executable, "-c", "import time; time.sleep(60)")


def written(number: int) -> str:
    return line_of(
        Answer(
            *("somebody", "198.18.10.11", Kind.WRITE, "/posts", 1.0, 2.0, "192.0.2.7", 303),
            holding=False,
            error=None,
            written=(Written(f"/posts/{number}", "00"),),
        )
    )


def place(folder: Path, command: Sequence[str] = ASLEEP) -> UsersPlace:
    return UsersPlace(lambda *_: command, folder, folder / "ca.crt")


def test_it_is_told_when_users_get_nowhere(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(written(1))
    place(tmp_path).await_writes(count=1, seconds=5.0)
    with pytest.raises(NotReadyInTime, match="could not write 2 things within 0 s"):
        place(tmp_path).await_writes(count=2, seconds=0.0)


def test_what_earlier_users_were_promised_is_not_counted_for_those_who_come(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(written(1))
    with place(tmp_path).at_work(1), pytest.raises(NotReadyInTime):
        place(tmp_path).await_writes(count=1, seconds=0.0)


def test_what_could_not_be_read_back_is_told_with_the_last_words(tmp_path: Path) -> None:
    broken = place(tmp_path, [sys.executable, "-c", "import sys; sys.exit('nobody answers')"])
    with pytest.raises(SandboxFailed) as told:
        broken.read_back()
    assert "nobody answers" in told.value.facts.details["said"]
