"""`python -m benchmarks.help`: `liferaft --help` beside the import of Click, which it cannot do
without.

Each is a process of its own, run in turn; the medians are compared. Exits 1 where it takes more
than LIMIT times as long. What it loads is held by tests/cli/test_lazy.py.
"""

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

ROUNDS = 40
LIMIT = 1.5
HELP = "liferaft --help"
CLICK = "import click"
COMMANDS: Mapping[str, Sequence[str]] = {
    CLICK: (sys.executable, "-c", "import click"),
    HELP: (str(Path(sys.executable).parent / "liferaft"), "--help"),
    "liferaft deploy --help": (str(Path(sys.executable).parent / "liferaft"), "deploy", "--help"),
}


def ratios(rounds: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """How many times as long as the import of Click each takes."""
    alone = median(rounds[CLICK])
    return {name: median(seconds) / alone for name, seconds in rounds.items()}


def taken(argv: Sequence[str]) -> float:
    """The seconds that a process takes."""
    began = time.perf_counter()
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def main() -> int:
    """0 when the help of the command takes at most LIMIT times the import of Click."""
    rounds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(ROUNDS):
        for name, argv in COMMANDS.items():
            rounds[name].append(taken(argv))
    found = ratios(rounds)
    for name, ratio in found.items():
        print(f"{name:<24}{median(rounds[name]) * 1000:7.1f} ms {ratio:6.2f}")
    return found[HELP] > LIMIT


if __name__ == "__main__":
    sys.exit(main())
