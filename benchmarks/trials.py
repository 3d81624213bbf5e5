"""`python -m benchmarks.trials [PART …]`: runs trials and writes docs/trials.json.

A part is a list of runs that differ by their seed. What passed at this commit is not run again, so
an interrupted part goes on where it was; how often a seed was run at this commit is kept, so a
proof by repetition shows. A part ends when its time is over, whatever it does.
"""

import argparse
import datetime
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.parts import PARTS, ROOT, Part, say

RESULTS = ROOT / "docs/trials.json"
WORK = ROOT / "build/trials"
WITHOUT_FIGURES = (":!docs", ":!*.md")
"""What may change without another figure: so that committing figures does not outdate them."""


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


def main() -> int:
    """0 when all that was asked for has passed at this commit."""
    parts = {part.name: part for part in PARTS}
    parser = argparse.ArgumentParser(prog="python -m benchmarks.trials")
    parser.add_argument("part", nargs="*", help=f"one of: {', '.join(parts)}; all without")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # the run ends with us
    asked: list[str] = parser.parse_args().part or list(parts)
    if unknown := [name for name in asked if name not in parts]:
        parser.error(f"no part {', '.join(unknown)}; there is: {', '.join(parts)}")
    trials = Trials(RESULTS, WORK, commit_of(ROOT), say)
    try:
        passed = [trials.run(parts[name]) for name in asked]
    except KeyboardInterrupt:
        sys.exit("Interrupted. The same command goes on from the last run that passed.")
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
