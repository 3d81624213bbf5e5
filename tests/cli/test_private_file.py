"""What an operator edits lies in memory, is theirs alone, and is gone whatever comes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from liferaft.failures import Refused
from liferaft_cli.private_file import private_file

HOLDS = """
import sys, time
from liferaft_cli import process
from liferaft_cli.private_file import private_file
process.secure()
with private_file("secrets.toml", "KEY = 'hush'") as path:
    print(path, flush=True)
    time.sleep(60)
"""


def test_nobody_else_may_read_it_and_it_is_gone_with_all_that_an_editor_left() -> None:
    with private_file("secrets.toml", "hush") as path:
        assert path.read_text() == "hush"
        assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
        (path.parent / ".secrets.toml.swp").write_text("hush")
    assert not path.parent.exists()


def test_an_error_inside_leaves_nothing() -> None:
    with pytest.raises(ValueError, match="no"), private_file("a", "hush") as path:
        raise ValueError("no")
    assert not path.parent.exists()


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL])
def test_whatever_ends_the_command_nothing_is_left_for_long(sent: signal.Signals) -> None:
    # As at a terminal: what a shell runs in the background is deaf to Ctrl-C.
    command = ["env", "--default-signal=INT", sys.executable, "-c", HOLDS]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as running:
        assert running.stdout is not None
        path = Path(running.stdout.readline().strip())
        assert path.read_text() == "KEY = 'hush'"
        running.send_signal(sent)
        running.wait(30)
    if sent is signal.SIGKILL:
        with private_file("another", ""):  # the next command
            pass
    assert not path.parent.exists()


def test_another_command_that_runs_keeps_its_file() -> None:
    with private_file("one", "1") as one, private_file("two", "2"):
        time.sleep(0)
        assert one.exists()


def test_without_memory_nothing_is_written_to_a_disk(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(Refused, match="no folder in memory"), private_file("a", "hush"):
        pass
    assert not [*tmp_path.iterdir()]
