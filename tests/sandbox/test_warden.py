from pathlib import Path

from liferaft.sandbox.state import State
from liferaft.sandbox.warden import hold


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
