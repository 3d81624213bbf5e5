"""A job of a schedule, once: where this site reigns and the job is not running yet."""

import fcntl
import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from liferaft.hosts.switching.containers import JOB, run
from liferaft.hosts.switching.last_words import fit

from . import container
from .epochs import AnotherEpoch, EpochVault, NotKnown, require_epoch
from .order import SCHEDULED

WELL = "well"
NOT_RUN = "not run"
LINES = 5
"""Of what a job said last, for whoever asks how it went; the journal has all of it."""


@dataclass(frozen=True)
class JobSettings:
    """What the program is told: a file that liferaft wrote, and that root alone can read.

    Attributes:
        epoch: this server's.
        folder: where the files of what runs lie.
        states: the folder with a file for each job: how it went last.
    """

    epoch: int
    folder: Path
    project: str
    states: Path
    vaults: tuple[EpochVault, ...]

    @classmethod
    def read(cls, path: Path) -> "JobSettings":
        told: dict[str, Any] = json.loads(path.read_text())
        vaults = tuple(map(EpochVault.of, told["vaults"]))
        folder, states = Path(told["folder"]), Path(told["states"])
        return cls(int(told["epoch"]), folder, told["project"], states, vaults)


@dataclass(frozen=True)
class JobRun:
    """How a job went: `well`, `failed`, `late`, `refused`, or `not run`. Moments are UTC, ISO
    8601."""

    outcome: str
    began: str
    ended: str
    why: str = ""
    said: str = ""


def run_scheduled(
    job: str, settings: JobSettings, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> JobRun | None:
    """How it went, which is noted; None for a job that liferaft.toml has no more."""
    declared = _declared(settings.folder)
    if job not in declared:
        return None
    began = now()
    try:
        require_epoch(settings.epoch, settings.vaults)
        outcome, why, said = _run(job, settings, float(declared[job]["within"]))
    except (AnotherEpoch, NotKnown) as reason:
        outcome, why, said = NOT_RUN, str(reason), ""
    went = JobRun(outcome, _iso(began), _iso(now()), why, said)
    _note(settings.states / f"{job}.json", went)
    return went


def _declared(folder: Path) -> Mapping[str, Any]:
    """Jobs of the release that runs; none where nothing does."""
    with suppress(FileNotFoundError):
        told: Mapping[str, Any] = json.loads((folder / SCHEDULED).read_text())
        return told
    return {}


def _run(job: str, settings: JobSettings, seconds: float) -> tuple[str, str, str]:
    """Outcome, why, and its last lines."""
    name, words = f"{JOB}{settings.project}_{job}", ""
    with Path(f"{settings.folder}.lock").open("w") as lock:  # no release takes the files away now
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not container.state(name).runs:  # else its program was killed, and it went on
            container.remove(name)
            words = container.begin(settings.folder, settings.project, job, name, jobs=True)
    try:
        seen = container.wait(name, time.monotonic() + seconds)
        said = container.last_lines(name) if seen.status else words
        last = fit("\n".join(said.splitlines()[-LINES:]), settings.folder)
    finally:
        container.remove(name)
    if seen.runs:
        return "late", f"did not end within {seconds:g} s", last
    if not seen.has_ended:
        return "refused", "could not be started", last
    if seen.exit_code:
        return "failed", f"ended with exit code {seen.exit_code}", last
    return WELL, "", last


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _note(path: Path, went: JobRun) -> None:
    """A disk that is full keeps no job from being run."""
    half = path.with_suffix(".half")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        half.write_text(json.dumps(asdict(went)))
        half.replace(path)


def forget(job: str) -> None:
    """Its timer rings no more."""
    run("systemctl", "disable", "--now", f"liferaft-job-{job}.timer")
