"""`make live` against simulated clouds with real hosts: killed half-way and run again."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.sandbox.inside import COMMAND, environment, execute, state_in

from liferaft_sandbox.lab.systems import chosen_system
from liferaft_sandbox.sandboxes import bring_up, take_down
from liferaft_sandbox.state import cache_folder

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(900)]
NAME = "live"
SITES = {"hetzner": "HETZNER", "aws": "AWS_EAST", "gcp": "GCP"}
LISTING = Path(__file__).with_name("listing.py")
HALF_WAY = "volume: as expected"
"""By then there is one of everything but the machine image."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where a sandbox is up."""
    home = tmp_path_factory.mktemp("state")
    found = bring_up(state_in(home, NAME), cache=cache_folder(), say=print)
    yield home
    take_down(found.state)


def live(cloud: str, report: Path) -> list[str]:
    """Run in the operator's place, with the keys that an application has for a bucket there."""
    keys = "".join(
        f"export LIFERAFT_BUCKET_LIVE_{key}=$LIFERAFT_BUCKET_{SITES[cloud]}_{key};"
        for key in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY")
    )
    argv = [sys.executable, "-m", "benchmarks.live", cloud, "--yes"]
    argv += ["--part", "story", "--report", str(report), "--system", chosen_system().name]
    return ["sh", "-c", f'{keys} exec "$@"', "sh", *argv]


def held(home: Path, cloud: str) -> list[str]:
    """What the account holds, by the cloud's own word."""
    said = execute(home, NAME, "operator", sys.executable, str(LISTING), cloud)
    assert said.returncode == 0, said.stderr
    return list(json.loads(said.stdout))


def kill_half_way(home: Path, cloud: str, report: Path) -> None:
    argv = [*COMMAND, "exec", "--name", NAME, "operator", "--", *live(cloud, report)]
    with subprocess.Popen(
        argv, env=environment(home), stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stderr is not None
        said: list[str] = []
        for line in running.stderr:
            said.append(line)
            if line.startswith(HALF_WAY):
                running.kill()  # and what runs in the place dies with it, by the same signal
                return
    raise AssertionError("".join(said))


@pytest.mark.parametrize("cloud", SITES)
def test_nothing_of_a_killed_run_is_left_by_the_next_and_nothing_of_that(
    home: Path, tmp_path: Path, cloud: str
) -> None:
    path = tmp_path / "live-report.json"
    before = held(home, cloud)
    kill_half_way(home, cloud, path)
    assert len(held(home, cloud)) > len(before) + 4
    killed = json.loads(path.read_text())
    assert killed["state"] == "running"

    said = execute(home, NAME, "operator", *live(cloud, path))
    assert f"of {killed['run']}" in said.stderr, "what is left of the killed run was not told"
    report: dict[str, Any] = json.loads(path.read_text())
    assert (report["state"], report["left"]) == ("ended", [])
    assert held(home, cloud) == before
    # Whether a store honours conditional writes is for each of them to say.
    differed = [one for one in report["differed"] if one["step"] != "conditional writes"]
    assert differed == [], said.stderr
    assert said.returncode == (1 if report["differed"] else 0)
