"""Whether a process still runs, asked of /proc with real ones."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from liferaft.liveness import is_gone, place, start_ticks


def test_a_process_that_runs_is_not_gone() -> None:
    started = start_ticks(os.getpid())
    assert started is not None
    assert not is_gone(os.getpid(), started)


def test_one_that_ended_is_gone_before_and_after_somebody_took_note() -> None:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as child:
        started = start_ticks(child.pid)
        assert started is not None
        assert child.stdin
        child.stdin.close()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert Path(f"/proc/{child.pid}").exists()
        assert is_gone(child.pid, started)
    assert is_gone(child.pid, started)


def test_another_process_with_its_id_is_not_it() -> None:
    started = start_ticks(os.getpid())
    assert started is not None
    assert is_gone(os.getpid(), started - 1)


def test_a_name_with_blanks_and_brackets_hides_no_field(tmp_path: Path) -> None:
    program = tmp_path / "a) R b"
    program.symlink_to("/bin/cat")
    with subprocess.Popen([str(program)], stdin=subprocess.PIPE) as child:
        started, ours = start_ticks(child.pid), start_ticks(os.getpid())
        assert child.stdin
        child.stdin.close()
    assert started is not None
    assert ours is not None
    assert started >= ours


@pytest.mark.parametrize("said", [PermissionError, FileNotFoundError])
def test_one_that_proc_does_not_show_is_not_taken_for_gone(
    said: type[OSError], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it answers another user with `hidepid=1`, and with `hidepid=2`."""

    def hidden(*_: object, **__: object) -> str:
        raise said

    def not_ours(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "read_text", hidden)
    monkeypatch.setattr(os, "kill", not_ours)
    assert not is_gone(4711, 1)


def test_the_place_is_the_same_for_every_process_of_it() -> None:
    told = "from liferaft.liveness import place; print(*place())"
    ours = place()
    assert ours is not None
    assert subprocess.check_output([sys.executable, "-c", told], text=True).split() == [*ours]
