"""A trial that comes to no end is begun again, but not every half hour: it fetches all there is."""

import json
from pathlib import Path

import pytest
from tests.data.postgres.pointtaking.server import NOW, Server, server
from tests.data.postgres.pointtaking.test_trial import Answers, answers, known, order, tries

from liferaft.data.postgres.pointtaking.attempts import PAUSE, Attempts

__all__ = ["answers", "server"]
UNREACHED = {"fault": "restore", "code": 49}


@pytest.fixture
def notes(server: Server, answers: Answers) -> Path:
    """Let the server note what it begins."""
    answers()
    told = json.loads(server.settings.read_text())
    told["verify"]["attempts"] = str(server.folder / "trials")
    server.settings.write_text(json.dumps(told))
    return server.folder / "trials"


@pytest.mark.usefixtures("notes")
def test_what_came_to_no_end_is_tried_again_after_hours(server: Server, answers: Answers) -> None:
    answers(**UNREACHED)
    assert tries(server) == 1
    (server.folder / "order.json").unlink()
    assert tries(server, minutes=30) == 0
    assert not (server.folder / "order.json").exists(), "nothing was fetched"
    answers()
    assert tries(server, seconds=PAUSE) == 0
    assert order(server)
    assert known(server).vaults


def test_what_came_to_its_end_leaves_no_note_and_holds_no_next_one_up(
    server: Server, notes: Path
) -> None:
    assert tries(server) == 0
    assert tries(server, minutes=30) == 0
    assert known(server).vaults.keys() == {"main", "second"}
    assert not list(notes.iterdir())


def test_a_note_that_is_none_or_of_the_future_and_a_folder_that_cannot_be_count_for_nothing(
    tmp_path: Path,
) -> None:
    (tmp_path / "main").write_text("soon")
    (tmp_path / "second").write_text(f"{NOW.timestamp() + 86400}")
    assert not Attempts(str(tmp_path)).is_fresh("main", NOW)
    assert not Attempts(str(tmp_path)).is_fresh("second", NOW)
    nowhere = Attempts(str(tmp_path / "main" / "below-a-file"))
    nowhere.begin("main", NOW)
    nowhere.end("main")
    assert not nowhere.is_fresh("main", NOW)
    assert not Attempts("").is_fresh("main", NOW)
