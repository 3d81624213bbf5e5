"""`liferaft-job once ORDER`: run the jobs of a release, which ORDER names in JSON; print the report
in JSON. `liferaft-job scheduled NAME SETTINGS`: run a job of a schedule, as SETTINGS, a file, says.
"""

import fcntl
import json
import shutil
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from .once import run_once
from .order import OnceOrder
from .scheduled import WELL, JobSettings, forget, run_scheduled

FAILED = 1


def main(argv: Sequence[str]) -> int:
    match argv:
        case ["once", order]:
            return _once(OnceOrder.of(json.loads(order)))
        case ["scheduled", job, settings]:
            return _scheduled(job, JobSettings.read(Path(settings)))
    raise SystemExit(__doc__)


def _once(order: OnceOrder) -> int:
    for ending in (signal.SIGHUP, signal.SIGPIPE):
        signal.signal(ending, signal.SIG_IGN)
    with Path(f"{order.folder}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        report = run_once(order)
        shutil.rmtree(order.staged, ignore_errors=True)
    sys.stdout.write(json.dumps(asdict(report)))
    return 0


def _scheduled(job: str, settings: JobSettings) -> int:
    went = run_scheduled(job, settings)
    if went is None:
        forget(job)
        sys.stdout.write(f"{job} is no job of liferaft.toml any more.\n")
        return 0
    said = f"{job}: {went.outcome}{f', {went.why}' if went.why else ''}\n"
    sys.stdout.write(said)
    return 0 if went.outcome == WELL else FAILED
