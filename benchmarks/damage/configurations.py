"""`python -m benchmarks.damage.configurations`: mutated configurations, each of them answered.

A mutant is accepted, or refused with the exit code of a bad configuration and one clear message.
"""

import argparse
import collections
import json
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from tests.moves.mutants import asked, lay_out

MUTANTS = 3000
LONGEST_SECONDS = 20
"""For one mutant: who waits longer, thinks that it hangs."""


@dataclass(frozen=True)
class Answer:
    """What one mutant came to. broken: why no person could be served by it; empty if none."""

    seed: str
    kind: str
    seconds: float
    broken: str = ""


def answer(seed: str) -> Answer:
    """Lay one mutant out and ask for its plan."""
    folder = Path(tempfile.mkdtemp(prefix="liferaft-mutant-"))
    began = time.monotonic()
    try:
        with _bounded():
            kind, broken = asked(lay_out(folder, seed)), ""
    except BaseException as error:  # noqa: BLE001 - the proof is that there is none
        kind = type(error).__name__
        broken = "".join(traceback.format_exception(error))[-2000:]
    finally:
        shutil.rmtree(folder)
    return Answer(seed, kind, round(time.monotonic() - began, 2), broken)


@contextmanager
def _bounded() -> Iterator[None]:
    def over(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"no answer within {LONGEST_SECONDS} s")

    signal.signal(signal.SIGALRM, over)
    signal.alarm(LONGEST_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)


def _answers(seed: int, count: int) -> list[Answer]:
    seeds = [f"{seed}-{number}" for number in range(count)]
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=fresh) as pool:
        return list(pool.map(answer, seeds, chunksize=20))


def main() -> int:
    """0 when every mutant was answered as promised."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.damage.configurations")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--count", type=int, default=MUTANTS)
    parser.add_argument("--report", type=Path, required=True)
    given = parser.parse_args()
    found = _answers(given.seed, given.count)
    broken = [one for one in found if one.broken]
    for one in broken:
        print(f"mutant {one.seed}: {one.broken}")
    slowest = max(found, key=lambda one: one.seconds)
    figures = {
        "mutants": len(found),
        "answers": dict(collections.Counter(one.kind for one in found).most_common()),
        "slowest": slowest.seed,
        "slowest_seconds": slowest.seconds,
        "broken": [one.seed for one in broken],
    }
    given.report.mkdir(parents=True, exist_ok=True)
    (given.report / "report.json").write_text(json.dumps(figures, indent=2) + "\n")
    print(json.dumps(figures, indent=2))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
