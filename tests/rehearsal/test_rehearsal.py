"""The whole: one application, two clouds, one termination, as `make rehearsal` plays it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PROMISED = {
    "succeeded",
    "seed",
    "rto_seconds",
    "command_to_first_good_write",
    "holding_page_seconds",
    "rpo_seconds",
    "acknowledged_writes",
    "lost_writes",
    "critical_path_seconds",
    "requests_to_primary_after_termination",
    "steps",
    "checks",
}


def python(*arguments: str, seconds: float) -> subprocess.CompletedProcess[str]:
    """Run a module of ours from the repository's root; its output is shown if the test fails."""
    run = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        text=True,
        timeout=seconds,
    )
    sys.stderr.write(run.stderr)
    sys.stdout.write(run.stdout)
    return run


@pytest.mark.sandbox
@pytest.mark.timeout(900)
@pytest.mark.skipif(os.geteuid() != 0, reason="real hosts need root")
def test_an_application_that_is_cut_off_lives_on_at_the_other_cloud(
    image: Path, tmp_path: Path
) -> None:
    run = python(
        *("liferaft_cli", "sandbox", "rehearse", "--seed", "3"),
        *("--image", str(image), "--report", str(tmp_path)),
        seconds=840,
    )
    assert run.returncode == 0
    report: dict[str, Any] = json.loads((tmp_path / "report.json").read_text())
    assert report.keys() >= PROMISED
    assert report["seed"] == 3
    assert [check["name"] for check in report["checks"] if not check["kept"]] == []
    assert report["requests_to_primary_after_termination"] == 0
    assert report["acknowledged_writes"] > report["lost_writes"] >= 0
    assert 0 < report["holding_page_seconds"] < report["command_to_first_good_write"]
    steps = {step["name"]: step for step in report["steps"]}
    assert set(report["critical_path"]) <= steps.keys()
    assert steps["fence"]["end"] <= steps["replay"]["start"]
    assert steps["promote"]["end"] <= steps["prove"]["start"]
