"""A marker says of which run an act is complete, and of no other."""

from pathlib import Path

import pytest

from liferaft.remote import markers
from liferaft.remote.contract import Host
from liferaft.remote.markers import is_marked, mark, marker_of, unmark


@pytest.fixture(autouse=True)
def _in_a_folder_of_the_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markers, "MARKERS", str(tmp_path / "state" / "data"))


async def test_an_act_is_complete_for_the_marker_that_was_set_last(host: Host) -> None:
    assert not await is_marked(host, "db.restored", "run 1")
    assert await marker_of(host, "db.restored") is None
    await mark(host, "db.restored", "run 1")
    assert await marker_of(host, "db.restored") == "run 1"
    assert await is_marked(host, "db.restored", "run 1")
    assert not await is_marked(host, "db.restored", "run 2")
    await mark(host, "db.restored", "run 2")
    assert await is_marked(host, "db.restored", "run 2")
    assert not await is_marked(host, "db.restored", "run 1")


async def test_a_marker_that_was_taken_back_is_gone_and_others_stay(host: Host) -> None:
    await mark(host, "db.restored", "run")
    await mark(host, "db's other", "run")
    for _ in range(2):
        await unmark(host, "db.restored")
        assert not await is_marked(host, "db.restored", "run")
    assert await is_marked(host, "db's other", "run")


async def test_a_half_written_marker_says_nothing(host: Host) -> None:
    half = f"{markers.MARKERS}/db.restored.new"
    await host.run(f"mkdir -p {markers.MARKERS}; printf run >{half}")
    assert not await is_marked(host, "db.restored", "run")
    await mark(host, "db.restored", "run")
    assert (await host.run(["ls", markers.MARKERS])).text == "db.restored"
