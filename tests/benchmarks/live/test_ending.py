"""A run that is told to end deletes what it made, and is not interrupted in that."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.live.__main__ import say

ROOT = Path(__file__).parents[3]


def test_a_terminal_that_was_closed_stops_no_cleaning_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that is deleted is said before."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", closefd=False) as nobody:
        monkeypatch.setattr(sys, "stderr", nobody)
        with pytest.raises(BrokenPipeError):
            print("heard by nobody", file=nobody, flush=True)
        say("deleting a server")
        monkeypatch.undo()
        os.dup2(os.open(os.devnull, os.O_WRONLY), writer)
    os.close(writer)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_run_with_nothing_left(tmp_path: Path, number: signal.Signals) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.live.signalled", str(tmp_path), str(int(number))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 128 + number, ran.stderr
    assert ran.stdout == "6 0"
    report = json.loads((tmp_path / "live-report.json").read_text())
    assert (report["state"], report["left"]) == ("interrupted", [])
