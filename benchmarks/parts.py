"""What the trials are made of: each part a row of runs of one command, with figures of each."""

import json
import os
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.damage import PROOFS
from benchmarks.data_trials import COMPARED, LOADS
from liferaft.clouds.systems import FORMER_SYSTEM
from liferaft_sandbox.failures import NoSuchSandbox
from liferaft_sandbox.rehearsal.scene import PAIRS
from liferaft_sandbox.rehearsal.stories import STORIES
from liferaft_sandbox.sandboxes import bring_up, take_down
from liferaft_sandbox.state import cache_folder, state_of

ROOT = Path(__file__).parent.parent
PART_SECONDS = 45 * 60.0
PAIRS_SECONDS = 75 * 60.0
STORIES_SECONDS = 140 * 60.0
PAIRS_TTL = "15"
"""Seconds. Pairs and stories are about ways, not about caches: `rehearsals` measures those."""
PAIRS_SANDBOX = f"pairs-{os.getpid()}"
REHEARSAL_FIGURES = (
    "rto_seconds",
    "command_to_first_good_write",
    "holding_page_seconds",
    "rpo_seconds",
    "acknowledged_writes",
    "lost_writes",
    "critical_path_seconds",
    "requests_to_primary_after_termination",
    "resolver_tail_seconds",
)


@dataclass(frozen=True)
class Part:
    """Runs of one command with several seeds.

    command: the argv of a run, from its seed and a folder of its own. figures: what the run wrote
    there, once it ended; empty when it did not come so far. prepare: makes be there what all runs
    share, before each of them. tidy: takes it away, after the last run and after each that failed.
    """

    name: str
    seeds: Sequence[int]
    command: Callable[[int, Path], Sequence[str]]
    figures: Callable[[Path], Mapping[str, Any]]
    prepare: Callable[[], None] = lambda: None
    tidy: Callable[[], None] = lambda: None
    seconds: float = PART_SECONDS


def rehearse(seed: int, folder: Path) -> list[str]:
    """One rehearsal, as `make rehearsal` runs it."""
    report = os.path.relpath(folder, ROOT)
    return [".venv/bin/liferaft", "sandbox", "rehearse", "--seed", str(seed), "--report", report]


def rehearsal_figures(folder: Path) -> dict[str, Any]:
    """The figures of its report, and the promises that it did not keep."""
    path = folder / "report.json"
    if not path.exists():
        return {}
    report = json.loads(path.read_text())
    broken = [check for check in report["checks"] if not check["kept"]]
    return {name: report[name] for name in REHEARSAL_FIGURES} | (
        {"broken": broken} if broken else {}
    )


def pair_figures(folder: Path) -> dict[str, Any]:
    """Which pair it was, and the figures."""
    path = folder / "report.json"
    if not path.exists():
        return {}
    report = json.loads(path.read_text())
    return {"from": report["from"], "to": report["to"], **rehearsal_figures(folder)}


def rehearse_pair(seed: int, folder: Path) -> list[str]:
    """One pair of sites, in the sandbox that all pairs share."""
    pair = PAIRS[seed - FIRST_PAIR]
    sites = ["--from", pair.primary, "--to", pair.standby]
    return [*rehearse(seed, folder), *sites, "--ttl", PAIRS_TTL, "--in", PAIRS_SANDBOX]


def pairs_sandbox() -> None:
    """It is up, and ends with this process at the latest."""
    state = state_of(PAIRS_SANDBOX)
    if not state.facts.exists():
        bring_up(state, cache=cache_folder(), say=say, dies_with=[os.getpid()])


def no_pairs_sandbox() -> None:
    """It is gone."""
    with suppress(NoSuchSandbox):
        take_down(state_of(PAIRS_SANDBOX))


def story_seeds() -> range:
    """Two for each story."""
    return range(FIRST_STORY, FIRST_STORY + 2 * len(STORIES))


def rehearse_story(seed: int, folder: Path) -> list[str]:
    """One story, in a sandbox of its own: what it leaves behind is nobody's start."""
    name = list(STORIES)[(seed - FIRST_STORY) // 2]
    return [*rehearse(seed, folder), "--story", name, "--ttl", PAIRS_TTL]


def story_figures(folder: Path) -> dict[str, Any]:
    """Which story it was, how far the archive was behind at the worst, and the other figures."""
    path = folder / "report.json"
    if not path.exists():
        return {}
    report = json.loads(path.read_text())
    story = {name: report[name] for name in ("story", "archive_lag_seconds")}
    return {**story, **rehearsal_figures(folder)}


def prove(seed: int, folder: Path) -> list[str]:
    """One proof about damage; each has one seed, so that what failed is found again."""
    module = f"benchmarks.damage.{PROOFS[seed - FIRST_DAMAGE]}"
    report = os.path.relpath(folder, ROOT)
    return [".venv/bin/python", "-m", module, "--seed", str(seed), "--report", report]


def proof_figures(folder: Path) -> dict[str, Any]:
    """What the proof wrote."""
    path = folder / "report.json"
    return dict(json.loads(path.read_text())) if path.exists() else {}


def bucket_trial(seed: int, folder: Path) -> list[str]:
    """Hostile objects there and back, in a network of its own: its store has fixed ports."""
    trial = [".venv/bin/python", "-m", "benchmarks.bucket_trial", "--seed", str(seed)]
    inside = shlex.join([*trial, "--report", os.path.relpath(folder, ROOT)])
    return ["unshare", "--net", "sh", "-c", f"ip link set lo up && exec {inside}"]


def bucket_figures(folder: Path) -> dict[str, Any]:
    """What came back, what was told by name, and how much the app wrote meanwhile."""
    path = folder / "figures.json"
    return dict(json.loads(path.read_text())) if path.exists() else {}


def takeover(seed: int, folder: Path) -> list[str]:
    """A site of an earlier version falls, or is deployed by this one and falls then."""
    report = os.path.relpath(folder, ROOT)
    trial = [".venv/bin/python", "-m", "benchmarks.takeover", "--seed", str(seed)]
    return [*trial, "--report", report, "--old", *TAKEOVERS[seed - FIRST_TAKEOVER]]


def takeover_figures(folder: Path) -> dict[str, Any]:
    """Whose site it was, what this version did there, and the other figures."""
    path = folder / "report.json"
    if not path.exists():
        return {}
    report = json.loads(path.read_text())
    ways = {name: report[name] for name in ("old", "deployed_anew", "changed_by_a_deploy")}
    return {**ways, **rehearsal_figures(folder)}


def rehearse_far(seed: int, folder: Path) -> list[str]:
    """A rehearsal between places that are as far apart as Europe and America."""
    return [*rehearse(seed, folder), "--latency", FAR]


def rehearse_former(seed: int, folder: Path) -> list[str]:
    """A rehearsal of an application whose servers run the former release of Debian."""
    return [*rehearse(seed, folder), "--system", FORMER_SYSTEM]


def far_figures(folder: Path) -> dict[str, Any]:
    """How far, and the other figures."""
    path = folder / "report.json"
    if not path.exists():
        return {}
    return {"latency_ms": json.loads(path.read_text())["latency_ms"], **rehearsal_figures(folder)}


def replay_far(_: int, folder: Path) -> list[str]:
    """A standby that replays an archive far away; nothing of it is random."""
    report = os.path.relpath(folder, ROOT)
    return [".venv/bin/python", "-m", "benchmarks.replay", "--report", report]


def replay_figures(folder: Path) -> dict[str, Any]:
    """What it printed."""
    path = folder / "replay.json"
    return dict(json.loads(path.read_text())) if path.exists() else {}


def try_data(seed: int, folder: Path) -> list[str]:
    """One trial of data: how fast, how much is lost, how long until it is back."""
    trial = [*DATA_TRIALS[seed - FIRST_DATA]]
    if trial[0] in ("terminations", "stolen_key"):
        trial += ["--seed", str(seed)]
    report = os.path.relpath(folder, ROOT)
    return [".venv/bin/python", "-m", f"benchmarks.{trial[0]}", *trial[1:], "--report", report]


def drill(seed: int, folder: Path) -> list[str]:
    """Drills that are killed and whole ones, of what is broken and beside a failover, or with
    vendors missing."""
    module = f"benchmarks.{DRILL_TRIALS[seed - FIRST_DRILL]}"
    report = os.path.relpath(folder, ROOT)
    return [".venv/bin/python", "-m", module, "--seed", str(seed), "--report", report]


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


RESTORABLE = "bbddc91"
"""The earliest version whose buckets in a vault this one restores."""
BEFORE = "135cd27"
"""One of the last before it."""
TAKEOVERS = ((RESTORABLE,), (BEFORE, "--deployed-anew"))
FIRST_TAKEOVER = 601
FAR = "80ms"
FAR_SEEDS = (701, 702)
FORMER_SEEDS = (801, 802)
REPLAY_SEEDS = (751,)
FIRST_DATA = 801
DATA_TRIALS = (
    ("bucket_size",),
    *(("data", what) for what in COMPARED),
    *(("terminations", load) for load in LOADS for _ in range(2)),
    *(("back_again", gigabytes) for gigabytes in ("1", "10")),
    ("stolen_key",),
)
"""Modules and what they are given; of terminations ten are played in each."""
DATA_SECONDS = 240 * 60.0
FIRST_DRILL = 851
DRILL_TRIALS = ("drills", "broken_drills", "drills_denied")
"""Modules; each deploys one application, and tries all of its drills there."""
DRILL_SECONDS = 90 * 60.0
FIRST_DAMAGE = 401
FIRST_BUCKET = 501
FIRST_STORY = 301
FIRST_PAIR = 201
PARTS = (
    Part("rehearsals", (101, 102, 103, 104, 105), rehearse, rehearsal_figures),
    Part(
        "pairs",
        range(FIRST_PAIR, FIRST_PAIR + len(PAIRS)),
        rehearse_pair,
        pair_figures,
        prepare=pairs_sandbox,
        tidy=no_pairs_sandbox,
        seconds=PAIRS_SECONDS,
    ),
    Part("damage", range(FIRST_DAMAGE, FIRST_DAMAGE + len(PROOFS)), prove, proof_figures),
    Part("stories", story_seeds(), rehearse_story, story_figures, seconds=STORIES_SECONDS),
    Part("bucket", range(FIRST_BUCKET, FIRST_BUCKET + 2), bucket_trial, bucket_figures),
    Part("former", FORMER_SEEDS, rehearse_former, rehearsal_figures),
    Part(
        "takeover",
        range(FIRST_TAKEOVER, FIRST_TAKEOVER + len(TAKEOVERS)),
        takeover,
        takeover_figures,
    ),
    Part("far", FAR_SEEDS, rehearse_far, far_figures),
    Part("replay", REPLAY_SEEDS, replay_far, replay_figures),
    Part(
        "data",
        range(FIRST_DATA, FIRST_DATA + len(DATA_TRIALS)),
        try_data,
        proof_figures,
        seconds=DATA_SECONDS,
    ),
    Part(
        "drills",
        range(FIRST_DRILL, FIRST_DRILL + len(DRILL_TRIALS)),
        drill,
        proof_figures,
        seconds=DRILL_SECONDS,
    ),
)
