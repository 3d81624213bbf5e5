"""A proof about damage, run as the trials run it."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.parts import PARTS, ROOT


def figures_of(proof: str, *, count: int, folder: Path) -> Mapping[str, Any]:
    """The figures that the trials read after a small run of it, which has to pass."""
    argv = ["-m", f"benchmarks.damage.{proof}", "--count", str(count), "--seed", "1"]
    done = subprocess.run(
        [sys.executable, *argv, "--report", str(folder)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (damage,) = (part for part in PARTS if part.name == "damage")
    return damage.figures(folder)
