"""The whole: one application goes from vendor to vendor, each of which drops it in turn."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from liferaft_sandbox.rehearsal.stories import STORIES, USUAL
from liferaft_sandbox.sandboxes import bring_up, take_down
from liferaft_sandbox.state import cache_folder, state_of

ROOT = Path(__file__).parents[2]
RING = [("aws-east", "gcp"), ("hetzner", "colo"), ("gcp", "hetzner"), ("colo", "aws-east")]
RELEASES = 2
"""Of Debian, which hosts have by turns, a day each (Makefile)."""
TURNS = [*STORIES, *([USUAL] if len(STORIES) % RELEASES == 0 else [])]
"""An odd number: else a story would meet one release alone."""


def plays(day: int) -> list[tuple[str, str, str]]:
    """Who falls, who takes over, and in which story: one a day of the ring and one of all by turns.
    So each story is played within as many days as there are turns, on either release of Debian
    within twice as many, and by each pair in the end. The trials play each on any day."""
    return [(*RING[day % len(RING)], TURNS[day % len(TURNS)])]


TODAY = datetime.now(UTC).date().toordinal()
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


@pytest.fixture
def sandbox() -> Iterator[str]:
    """One for each pair: what a pair that failed leaves is in nobody's way."""
    state = state_of(f"ring-{os.getpid()}")
    bring_up(state, cache=cache_folder(), say=print, dies_with=[os.getpid()])
    try:
        yield state.name
    finally:
        take_down(state)


@pytest.mark.parametrize("first", [0, 1, TODAY])
def test_every_story_has_its_turn_and_is_played_on_either_release(first: int) -> None:
    days = range(first, first + len(TURNS))
    assert {story for day in days for *_, story in plays(day)} == set(STORIES)
    days = range(first, first + RELEASES * len(TURNS))
    met = {(story, day % RELEASES) for day in days for *_, story in plays(day)}
    assert met == {(story, release) for story in STORIES for release in range(RELEASES)}


@pytest.mark.parametrize("day", range(4))
def test_every_vendor_plays_within_three_days_and_every_pair_within_four(day: int) -> None:
    days = [play for one in range(day, day + 4) for play in plays(one)]
    assert {site for *pair, _ in days[:3] for site in pair} == {site for site, _ in RING}
    assert {(primary, standby) for primary, standby, _ in days} == set(RING)


def test_every_pair_plays_every_story_in_the_end() -> None:
    days = range(len(RING) * len(TURNS))
    assert {play for day in days for play in plays(day)} == {
        (*pair, story) for pair in RING for story in STORIES
    }


@pytest.mark.sandbox
@pytest.mark.timeout(1320)
@pytest.mark.skipif(os.geteuid() != 0, reason="real hosts need root")
@pytest.mark.parametrize(("primary", "standby", "story"), plays(TODAY))
def test_an_application_that_is_cut_off_lives_on_at_another_vendor(
    primary: str, standby: str, story: str, sandbox: str, image: Path, tmp_path: Path
) -> None:
    """How many seconds it takes is for `make rehearsal` and the trials to judge."""
    run = python(
        *("liferaft_cli", "sandbox", "rehearse", "--in", sandbox, "--seed", "3"),
        *("--from", primary, "--to", standby, "--ttl", "15", "--story", story),
        *("--image", str(image), "--report", str(tmp_path)),
        seconds=1200,
    )
    assert (tmp_path / "report.json").exists(), run.stderr[-6000:]
    report: dict[str, Any] = json.loads((tmp_path / "report.json").read_text())
    assert report.keys() >= PROMISED
    assert report["story"] == story
    assert (report["from"], report["to"], report["seed"]) == (primary, standby, 3)
    broken = [check for check in report["checks"] if not check["kept"]]
    assert [check for check in broken if not check["late"]] == []
    assert run.returncode == (1 if broken else 0)
    assert report["requests_to_primary_after_termination"] == 0
    assert report["acknowledged_writes"] > report["lost_writes"] >= 0
    assert 0 < report["holding_page_seconds"] < report["command_to_first_good_write"]
    steps = {step["name"]: step for step in report["steps"]}
    assert set(report["critical_path"]) <= steps.keys()
    assert steps["dns-powerdns"]["start"] < steps["restore"]["start"], "the name moves first"
    assert steps["edge"]["end"] <= steps["fence"]["start"], "the holding page stands by then"
    assert steps["fence"]["end"] <= steps["replay"]["start"]
    assert steps["promote"]["end"] <= steps["prove"]["start"]
