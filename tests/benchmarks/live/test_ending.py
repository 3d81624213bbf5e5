"""A run that is told to end deletes what it made, and is not interrupted in that."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


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
