"""What `make live` is told: `python -m benchmarks.live CLOUD …`."""

import argparse
import math
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from benchmarks.live.run import PARTS
from liferaft.clouds.systems import DEFAULT_SYSTEM, SYSTEMS
from liferaft_cli import exits

REGIONS = {"aws": "us-east-1", "gcp": "europe-west3", "hetzner": "fsn1"}
"""Where it is played, unless told otherwise. A cloud without an API has nothing to make."""


class _Parser(argparse.ArgumentParser):
    """A wrong option is told as `liferaft` tells it: most who read that typed `make live`."""

    def error(self, message: str) -> NoReturn:
        self.exit(
            exits.USAGE,
            f"An option is wrong: {message}\n"
            "Safe: Nothing was asked of any cloud.\n"
            "Now:  Say it as in `make live CLOUD=hetzner BUDGET=5`; "
            "docs/live.md has all options.\n",
        )


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Those of the command line. Ends the process where one is wrong."""
    parser = _Parser(prog="python -m benchmarks.live")
    parser.add_argument("cloud", choices=sorted(REGIONS))
    parser.add_argument("--region", help="where; a usual one without")
    parser.add_argument(
        "--budget", type=_above_nothing, default=5.0, help="in the cloud's currency"
    )
    parser.add_argument(
        "--minutes", type=_above_nothing, default=60.0, help="how long it may make things"
    )
    parser.add_argument("--yes", action="store_true", help="agree to all within the budget")
    parser.add_argument("--clean", action="store_true", help="delete what runs left, and no more")
    parser.add_argument("--report", type=_in_a_folder, default=Path("live-report.json"))
    parser.add_argument("--system", choices=SYSTEMS, default=DEFAULT_SYSTEM)
    parser.add_argument("--part", action="append", choices=PARTS, help="only this; all without")
    return parser.parse_args(arguments)


def _above_nothing(text: str) -> float:
    """What is compared with `nan` is never too much, and with `inf` neither."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or number <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return number


def _in_a_folder(text: str) -> Path:
    """A report that cannot be written is told before there is something to report."""
    path = Path(text)
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {path.parent}")
    return path
