"""The order of a change: try, keep, stop, start, and back again if the new do not stay up."""

import fcntl
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from .change import is_done, replace, words
from .containers import look
from .files import COMPOSE, epoch_of
from .keeping import keep
from .last_words import last_words
from .order import UNITS, Order, SwitchReport
from .trial import refused
from .watch import STEADY

FORGOTTEN_SECONDS = 3600
"""Files that were staged so long ago are of a command that was killed, and wait for nobody."""


def switch(order: Order) -> SwitchReport:
    """Run what is staged in the place of what runs. Does nothing if that runs well already."""
    begun = int(time.time())
    try:
        if is_done(order):
            return SwitchReport(STEADY)
        epoch, objection = epoch_of(Path(order.staged)), _prepare(order)
    except Exception as error:  # noqa: BLE001 - whatever it was, nothing has been stopped yet
        return SwitchReport("unprepared", words(error), back="yes")
    if objection:
        return SwitchReport("refused", *objection, back="yes")
    _sign(order)
    outcome, why = replace(order, Path(order.staged))
    if outcome == STEADY:
        shutil.rmtree(order.before, ignore_errors=True)
        return SwitchReport(outcome)
    report = SwitchReport(outcome, why, last_words(order, begun), _go_back(order, epoch))
    if order.sign:
        Path(order.sign).unlink(missing_ok=True)
    return report


def _prepare(order: Order) -> tuple[str, str] | None:
    """Do what can be done before anything is stopped: keep what runs, try what is to run, which is
    whole. Returns what podman refuses, see `refused`; then nothing is left behind.
    """
    staged = Path(order.staged)
    (staged / COMPOSE).read_bytes()
    shutil.copy2(staged / order.unit, UNITS / f".{order.unit}")
    if not look(order.project):
        return None
    kept, objection, fits = keep(order), None, False
    try:
        objection = refused(order.staged)
        fits = objection is None
    finally:
        if kept and not fits:
            shutil.rmtree(order.before)
    os.sync()  # what was kept is there after a power cut, too
    return objection


def _sign(order: Order) -> None:
    """Where nobody reads signs yet, there is no folder for them."""
    if order.sign and Path(order.sign).parent.is_dir():
        with suppress(OSError):  # a page that says too little must not keep the app from starting
            Path(order.sign).touch()


def _go_back(order: Order, epoch: str) -> str:
    """What became of the way back: see Report."""
    if not order.before.exists():
        return "nothing"
    if epoch_of(order.before) != epoch:
        return "another epoch"
    outcome, _ = replace(order, order.before)
    return "yes" if outcome == STEADY else "no"


def main(argv: Sequence[str]) -> None:
    """Do what the order in JSON says, one at a time on this server; print the report in JSON."""
    order = Order(**json.loads(argv[0]))
    for ending in (signal.SIGHUP, signal.SIGPIPE):
        signal.signal(ending, signal.SIG_IGN)
    with Path(f"{order.folder}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for other in Path(order.folder).parent.glob(f"{Path(order.folder).name}.next-*"):
            if time.time() - other.stat().st_mtime > FORGOTTEN_SECONDS:
                shutil.rmtree(other)
        report = switch(order)
        shutil.rmtree(order.staged, ignore_errors=True)
    sys.stdout.write(json.dumps(asdict(report)))
