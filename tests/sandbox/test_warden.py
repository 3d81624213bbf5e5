import json
from pathlib import Path

from liferaft_sandbox.state import State
from liferaft_sandbox.warden import hold, why


def test_a_sandbox_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    state = State(tmp_path / "one")
    first = hold(state)
    assert first is not None
    assert hold(state) is None
    first.close()
    again = hold(state)
    assert again is not None
    again.close()


def test_a_lock_that_went_with_its_sandbox_does_not_hold_the_next_one(tmp_path: Path) -> None:
    state = State(tmp_path / "one")
    ended = hold(state)
    assert ended is not None
    state.lock.unlink()
    fresh = hold(state)
    assert fresh is not None
    ended.close()
    assert hold(state) is None
    fresh.close()


def test_a_lab_that_died_without_a_word_of_its_own_is_told_by_its_last_lines(
    tmp_path: Path,
) -> None:
    state = State(tmp_path)
    (tmp_path / "supervisor.log").write_text("Traceback …\nValueError: no such thing\n")
    said = json.loads(why(state) or "")
    assert said["details"]["said"].endswith("ValueError: no such thing")


def test_a_sandbox_that_was_up_leaves_no_failure_behind(tmp_path: Path) -> None:
    state = State(tmp_path)
    (tmp_path / "supervisor.log").write_text("")
    state.facts.write_text("{}")
    assert why(state) is None
