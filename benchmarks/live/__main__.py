"""`python -m benchmarks.live CLOUD`: what `make live` runs. It exits with

0 when every answer was as expected and nothing is left, 1 when one differed or was not got, 4 when
something is left, and else as `liferaft` does.
"""

import argparse
import os
import sys
from pathlib import Path

from benchmarks.live.consent import consent
from benchmarks.live.ending import end_orderly
from benchmarks.live.reach import RealReach
from benchmarks.live.report import LiveReport, Outcome
from benchmarks.live.run import PARTS, Run
from liferaft.clouds.registry import entry, is_for_clouds, open_cloud
from liferaft.failures import Failure
from liferaft_cli import exits, logs
from liferaft_cli.main import show_failure

REGIONS = {"aws": "us-east-1", "gcp": "europe-west3", "hetzner": "fsn1"}
"""Where it is played, unless told otherwise. A cloud without an API has nothing to make."""
SOMETHING_DIFFERED, SOMETHING_IS_LEFT = 1, 4


def main() -> int:
    options = _options()
    environ = {
        name: value
        for name, value in os.environ.items()
        if is_for_clouds(name) or name.startswith("LIFERAFT_BUCKET_LIVE_")
    }
    end_orderly()
    logs.direct()
    try:
        run = Run(
            opened=lambda credentials, patience: open_cloud(
                options.cloud,
                options.region or REGIONS[options.cloud],
                credentials,
                patience=patience,
            ),
            prices=entry(options.cloud).prices,
            reach=RealReach(options.cloud, environ),
            consent=consent(yes=options.yes or options.clean),
            environ=environ,
            limit=options.budget,
            seconds=options.minutes * 60,
            report_path=options.report,
            say=say,
            parts=options.part or PARTS,
        )
        if options.clean:
            return SOMETHING_IS_LEFT if run.clean().sentences else 0
        return _told(run.play(), options.report)
    except Failure as failure:
        show_failure(failure)
        return exits.code_of(failure)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live")
    parser.add_argument("cloud", choices=sorted(REGIONS))
    parser.add_argument("--region", help="where; a usual one without")
    parser.add_argument("--budget", type=float, default=5.0, help="in the cloud's own currency")
    parser.add_argument("--minutes", type=float, default=60.0, help="how long it may make things")
    parser.add_argument("--yes", action="store_true", help="agree to all within the budget")
    parser.add_argument("--clean", action="store_true", help="delete what runs left, and no more")
    parser.add_argument("--report", type=Path, default=Path("live-report.json"))
    parser.add_argument("--part", action="append", choices=PARTS, help="only this; all without")
    return parser.parse_args()


def _told(report: LiveReport, path: Path) -> int:
    wanting = [step for step in report.steps if step.outcome is not Outcome.AS_EXPECTED]
    say(f"{len(report.steps) - len(wanting)} of {len(report.steps)} steps were as expected; {path}")
    say(f"It cost {report.estimate:.2f} {report.currency} at the most, by list prices.")
    for sentence in report.left:
        say(f"STILL THERE: {sentence}")
    if report.left:
        return SOMETHING_IS_LEFT
    return SOMETHING_DIFFERED if report.differed else 0


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
