"""`python -m benchmarks.live CLOUD`: what `make live` runs. It exits with

0 when no answer differed and nothing is left, 1 when one differed, 9 when something is left, and
else as `liferaft` does.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path

from benchmarks.live.consent import consent
from benchmarks.live.ending import end_orderly
from benchmarks.live.options import REGIONS, options
from benchmarks.live.reach import RealReach
from benchmarks.live.report import LiveReport, Outcome
from benchmarks.live.run import PARTS, Run
from liferaft.clouds.registry import entry, is_for_clouds, open_cloud
from liferaft.clouds.systems import SYSTEMS
from liferaft.failures import Failure
from liferaft_cli import exits, logs
from liferaft_cli.main import show_failure

SOMETHING_DIFFERED, SOMETHING_IS_LEFT = 1, 9
"""The latter is none of `liferaft`'s own: it alone says that something may go on costing."""


def main() -> int:
    told = options()
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
                told.cloud,
                told.region or REGIONS[told.cloud],
                credentials,
                patience=patience,
            ),
            prices=entry(told.cloud).prices,
            reach=RealReach(told.cloud, environ),
            consent=consent(yes=told.yes or told.clean),
            environ=environ,
            limit=told.budget,
            seconds=told.minutes * 60,
            report_path=told.report,
            say=say,
            parts=told.part or PARTS,
            system=SYSTEMS[told.system],
        )
        if told.clean:
            return SOMETHING_IS_LEFT if run.clean().sentences else 0
        return _told(run.play(), told.report)
    except Failure as failure:
        show_failure(failure)
        return exits.code_of(failure)


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
    """Where nobody can read it any more, since the terminal was closed, the run still goes on: what
    it made has to be deleted."""
    with suppress(OSError):
        print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
