"""`python -m benchmarks.trials [PART …]`: runs trials and writes docs/trials.json.

A part is a list of runs that differ by their seed. What passed at this commit is not run again, so
an interrupted part goes on where it was; how often a seed was run at this commit is kept, so a
proof by repetition shows. A part ends when its time is over, whatever it does.
"""

import argparse
import datetime
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.damage import PROOFS
from liferaft_sandbox.failures import NoSuchSandbox
from liferaft_sandbox.rehearsal.scene import PAIRS
from liferaft_sandbox.rehearsal.stories import STORIES
from liferaft_sandbox.sandboxes import bring_up, take_down
from liferaft_sandbox.state import cache_folder, state_of

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "docs/trials.json"
WORK = ROOT / "build/trials"
PART_SECONDS = 45 * 60.0
PAIRS_SECONDS = 75 * 60.0
STORIES_SECONDS = 100 * 60.0
PAIRS_TTL = "15"
"""Seconds. Pairs and stories are about ways, not about caches: `rehearsals` measures those."""
PAIRS_SANDBOX = f"pairs-{os.getpid()}"
WITHOUT_FIGURES = (":!docs", ":!*.md")
"""What may change without another figure: so that committing figures does not outdate them."""
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


@dataclass(frozen=True)
class Result:
    """One run. attempts: how often this seed was run at this commit, this time included."""

    part: str
    seed: int
    commit: str
    date: str
    command: str
    cores: int
    passed: bool
    attempts: int
    seconds: float
    figures: Mapping[str, Any]


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
        bring_up(state, cache=cache_folder(), say=_say, dies_with=[os.getpid()])


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
)


class Trials:
    """Runs parts at one commit, and keeps their results in one file."""

    def __init__(self, results: Path, work: Path, commit: str, say: Callable[[str], None]) -> None:
        self._results, self._work, self._commit, self._say = results, work, commit, say

    def run(self, part: Part, seconds: float | None = None) -> bool:
        """Run what has not passed yet; whether all of the part has passed within its seconds."""
        deadline = time.monotonic() + (part.seconds if seconds is None else seconds)
        try:
            passed = [self._passes(part, seed, deadline) for seed in part.seeds]
        finally:
            part.tidy()
        self._say(f"{part.name}: {sum(passed)} of {len(passed)} passed")
        return all(passed)

    def _passes(self, part: Part, seed: int, deadline: float) -> bool:
        before = self._kept(part.name, seed)
        if before and before.passed:
            self._say(f"{part.name}, seed {seed}: passed before, on {before.date}")
            return True
        left = deadline - time.monotonic()
        if left <= 0:
            self._say(f"{part.name}, seed {seed}: not run, the part's time is over")
            return False
        result = self._run(part, seed, left, attempts=1 + (before.attempts if before else 0))
        self._keep(result)
        verdict = "passed" if result.passed else "FAILED"
        self._say(f"{part.name}, seed {seed}: {verdict} after {result.seconds:.0f} s")
        return result.passed

    def _run(self, part: Part, seed: int, seconds: float, attempts: int) -> Result:
        folder = self._work / part.name / f"{seed}-{self._commit[:12]}-{attempts}"
        folder.mkdir(parents=True, exist_ok=True)
        part.prepare()
        command = part.command(seed, folder)
        self._say(f"{part.name}, seed {seed}: running, it tells its story in {folder}/output.log")
        date = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        began = time.monotonic()
        passed = _ended_well(command, folder / "output.log", seconds)
        taken = time.monotonic() - began
        if not passed:
            part.tidy()
        return Result(
            part=part.name,
            seed=seed,
            commit=self._commit,
            date=date,
            command=" ".join(command),
            cores=os.cpu_count() or 0,
            passed=passed,
            attempts=attempts,
            seconds=round(taken, 1),
            figures=part.figures(folder),
        )

    def _all(self) -> list[Result]:
        if not self._results.exists():
            return []
        return [Result(**row) for row in json.loads(self._results.read_text())]

    def _kept(self, part: str, seed: int) -> Result | None:
        ours = (self._commit, part, seed)
        kept = (one for one in self._all() if (one.commit, one.part, one.seed) == ours)
        return next(kept, None)

    def _keep(self, result: Result) -> None:
        """In place of what this seed came to before. The file is never half written."""
        ours = (result.part, result.seed)
        others = [one for one in self._all() if (one.part, one.seed) != ours]
        rows = sorted([*others, result], key=lambda one: (one.part, one.seed))
        half = self._results.with_suffix(".half")
        half.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n")
        half.rename(self._results)


def _ended_well(command: Sequence[str], log: Path, seconds: float) -> bool:
    with log.open("wb") as output:
        try:
            done = subprocess.run(
                command,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            output.write(f"\nended after {seconds:.0f} s: the part's time is over\n".encode())
            return False
    return done.returncode == 0


def commit_of(repository: Path) -> str:
    """The last commit that could change a figure; exits when the files are of no commit."""
    git = ["git", "-C", str(repository)]
    if _said(*git, "status", "--porcelain", "--", ".", *WITHOUT_FIGURES):
        sys.exit("Figures belong to a commit: commit or remove what `git status` shows first.")
    return _said(*git, "log", "-1", "--format=%H", "--", ".", *WITHOUT_FIGURES)


def _said(*argv: str) -> str:
    done = subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True, timeout=60)
    return done.stdout.strip()


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> int:
    """0 when all that was asked for has passed at this commit."""
    parts = {part.name: part for part in PARTS}
    parser = argparse.ArgumentParser(prog="python -m benchmarks.trials")
    parser.add_argument("part", nargs="*", help=f"one of: {', '.join(parts)}; all without")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # the run ends with us
    asked: list[str] = parser.parse_args().part or list(parts)
    if unknown := [name for name in asked if name not in parts]:
        parser.error(f"no part {', '.join(unknown)}; there is: {', '.join(parts)}")
    trials = Trials(RESULTS, WORK, commit_of(ROOT), _say)
    try:
        passed = [trials.run(parts[name]) for name in asked]
    except KeyboardInterrupt:
        sys.exit("Interrupted. The same command goes on from the last run that passed.")
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
