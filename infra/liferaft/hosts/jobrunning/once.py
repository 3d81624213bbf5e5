"""Jobs of a release: each is run to its end once, before what runs is stopped."""

import os
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from liferaft.hosts.switching.containers import look
from liferaft.hosts.switching.last_words import fit
from liferaft.hosts.switching.network import fit as fit_network

from . import container
from .order import DONE, NeededJob, OnceOrder, OnceReport

_ONCE = "once-"
"""What the names of their containers begin with, before the project's: no service's does."""
NEED_SECONDS = 120.0
"""How long what a job needs may take until it stays up."""


class NotDone(Exception):
    """A job did not end well. The report says why."""

    def __init__(self, report: OnceReport) -> None:
        super().__init__(report.why)
        self.report = report


@dataclass
class _Running:
    """One call of the program. started: containers that were not there before it."""

    order: OnceOrder
    started: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Raises NotDone."""
        self._stop_others()
        if not look(self.order.project):
            fit_network(self.order.project)
        for job in self.order.jobs:
            if not is_done(self.order, job.name):
                self._needs(job)
                self._job(job.name)
                _mark(self.order, job.name)

    def clean(self) -> None:
        container.remove(*self.started)

    def _stop_others(self) -> None:
        """What a program that was killed left of another release: two must not run at once."""
        others = container.named(self.order.project, f"{_ONCE}{self.order.project}_")
        container.remove(*(one for one in others if not one.endswith(self._end)))

    @property
    def _end(self) -> str:
        return f"_{self.order.release[:12]}"

    def _job(self, job: str) -> None:
        name, words = f"{_ONCE}{self.order.project}_{job}{self._end}", ""
        self.started.append(name)
        seen = container.state(name)
        if not seen.runs and not (seen.has_ended and seen.exit_code == 0):
            container.remove(name)
            staged = Path(self.order.staged)
            words = container.begin(staged, self.order.project, job, name, jobs=True)
        seen = container.wait(name, time.monotonic() + self.order.seconds)
        if seen.has_ended and seen.exit_code == 0:
            return
        if seen.runs:
            outcome, why = "late", f"did not end within {self.order.seconds:g} s"
        elif seen.has_ended:
            outcome, why = "failed", f"ended with exit code {seen.exit_code}"
        else:
            outcome, why = "refused", "could not be started"
        said = container.last_lines(name) if seen.status else ""
        raise NotDone(self._report(outcome, job, why, f"{words if not said else ''}{said}"))

    def _needs(self, job: NeededJob) -> None:
        for need in job.needs:
            there = look(self.order.project).get(need)
            if there is None or not there.runs:
                self._start(job.name, need)

    def _start(self, job: str, need: str) -> None:
        order, name = self.order, f"{self.order.project}_{need}_1"
        self.started.append(name)
        container.remove(name)
        words = container.begin(Path(order.staged), order.project, need, name, jobs=False)
        end = time.monotonic() + NEED_SECONDS
        while True:
            seen = look(order.project).get(need)
            if seen is not None and seen.lasts(time.time(), order.stays, order.stays):
                return
            if seen is None or time.monotonic() > end:
                why = f"needs {need}, which does not stay up"
                said = container.last_lines(name) if seen else words
                raise NotDone(self._report("refused", job, why, said))
            time.sleep(container.LOOK_SECONDS)

    def _report(self, outcome: str, job: str, why: str, said: str) -> OnceReport:
        last = "\n".join(said.splitlines()[-20:])
        return OnceReport(outcome, job, why, fit(last, Path(self.order.folder)))


def run_once(order: OnceOrder) -> OnceReport:
    """Run what has not ended well for this release yet, one after the other."""
    running = _Running(order)
    try:
        running.run()
        return OnceReport(DONE)
    except NotDone as reason:
        return reason.report
    except Exception as error:  # noqa: BLE001 - whatever it was, what ran before runs on
        return OnceReport("broken", why=f"{type(error).__name__}: {error}")
    finally:
        running.clean()


def is_done(order: OnceOrder, job: str) -> bool:
    """Whether it has ended well for this release."""
    with suppress(OSError):
        return order.mark(job).read_text() == order.release
    return False


def _mark(order: OnceOrder, job: str) -> None:
    """Durable on return."""
    path = order.mark(job)
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.new")
    with half.open("w") as file:
        file.write(order.release)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
