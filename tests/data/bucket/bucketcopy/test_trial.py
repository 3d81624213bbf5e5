"""A small share of `make trials ONLY=bucket`."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]


@pytest.mark.sandbox
def test_hostile_objects_come_back_or_are_told_by_name_while_an_app_writes(tmp_path: Path) -> None:
    trial = f"{sys.executable} -m benchmarks.bucket_trial --seed 9 --objects 200"
    inside = f"ip link set lo up && exec {trial} --report {tmp_path}"
    ended = subprocess.run(
        ["unshare", "--net", "sh", "-c", inside],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "figures.json").exists()
