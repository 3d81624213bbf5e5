"""The contract suite, played as against a real account: here against the modelled one."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
PROGRAM = "tests.benchmarks.live.suite_of_model"


def played(folder: Path, limit: float) -> tuple[dict[str, Any], str]:
    """The report, and the last line on stdout: how many things are left."""
    ran = subprocess.run(
        [sys.executable, "-m", PROGRAM, str(folder), str(limit)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads((folder / "live-report.json").read_text()), ran.stdout.splitlines()[-1]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    return played(tmp_path_factory.mktemp("whole"), limit=1e6)


def test_every_behaviour_that_needs_no_simulated_cloud_is_tried(
    whole: tuple[dict[str, Any], str],
) -> None:
    report, left = whole
    assert [one["step"] for one in report["differed"]] == []
    names = [step["name"] for step in report["steps"]]
    assert len(names) > 100
    assert any("everything carries its owner" in name for name in names)
    assert not any("lost answer" in name or "burst" in name for name in names)
    assert (report["left"], left) == ([], "0")


def test_machines_come_last(whole: tuple[dict[str, Any], str]) -> None:
    names = [step["name"] for step in whole[0]["steps"]]
    first_server = next(at for at, name in enumerate(names) if "(server)" in name)
    last_bucket = max(at for at, name in enumerate(names) if "(bucket)" in name)
    assert last_bucket < first_server


def test_what_the_budget_does_not_allow_is_not_made(tmp_path: Path) -> None:
    report, left = played(tmp_path, limit=0.2)
    outcomes = {step["outcome"] for step in report["steps"]}
    assert outcomes == {"as expected", "budget reached"}
    assert report["estimate"] <= 0.2
    assert (report["differed"], left) == ([], "0")
