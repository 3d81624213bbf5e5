"""`liferaft-job once ORDER`: run the jobs of a release, which ORDER names in JSON; print the report
in JSON."""

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


def main(argv: Sequence[str]) -> int:
    order = OnceOrder.of(json.loads(argv[1]))
    for ending in (signal.SIGHUP, signal.SIGPIPE):
        signal.signal(ending, signal.SIG_IGN)
    with Path(f"{order.folder}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        report = run_once(order)
        shutil.rmtree(order.staged, ignore_errors=True)
    sys.stdout.write(json.dumps(asdict(report)))
    return 0
