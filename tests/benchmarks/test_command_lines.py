"""The proof about command lines of nonsense, as the trials run it."""

import subprocess
import sys
from pathlib import Path

from benchmarks.trials import PARTS, ROOT


def test_a_proof_about_command_lines_says_how_many_it_tried(tmp_path: Path) -> None:
    argv = ["-m", "benchmarks.damage.command_lines", "--count", "100", "--seed", "1"]
    done = subprocess.run(
        [sys.executable, *argv, "--report", str(tmp_path)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (damage,) = (part for part in PARTS if part.name == "damage")
    assert damage.figures(tmp_path) == {"command_lines": 100, "failed_tests": 0}
