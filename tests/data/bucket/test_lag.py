"""What the server that keeps a bucket says of each vault."""

import subprocess
from pathlib import Path

from liferaft.data.bucket import lag
from liferaft.data.bucket.keeper import KEPT
from liferaft.data.bucket.lag import lags_of
from liferaft.data.exposure import Backlog, least


def test_each_vault_is_as_far_behind_as_its_last_whole_copy() -> None:
    assert lags_of("100.5\nmain 91.5\ndepot 40.5\n") == (
        Backlog("main", 9.0),
        Backlog("depot", 60.0),
    )


def test_a_copy_that_was_never_whole_is_not_known_and_not_nothing() -> None:
    (found,) = lags_of("100.5\nmain \n")
    assert not found.is_known
    assert found.why == "no copy there is whole yet"


def test_the_server_is_asked_by_a_script_that_works(tmp_path: Path) -> None:
    for vault in ("main", "depot"):
        (tmp_path / vault).mkdir()
    (tmp_path / "main/media").write_text("1000.25")
    (tmp_path / "depot/media").touch()
    (tmp_path / "other").write_text("of an earlier version")
    script = lag._ASK.replace(KEPT, str(tmp_path))
    ran = subprocess.run(
        ["bash", "-c", script, "-", "media"], capture_output=True, text=True, check=True
    )
    found = {one.vault: one.is_known for one in lags_of(ran.stdout)}
    assert found == {"main": True, "depot": False}


def test_what_is_lost_is_what_the_vault_lacks_that_is_least_behind() -> None:
    behind, near, unknown = Backlog("a", 60.0, 5), Backlog("b", 9.0, 7), Backlog("c")
    assert least([behind, near, unknown]) == near
    assert least([unknown]) is None
