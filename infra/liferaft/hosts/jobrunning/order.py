"""What the program is told to run once, and what it says came of it: both go as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

JOBS = "jobs.yaml"
"""Beside the Compose file of the server: what is run to its end there."""
SCHEDULED = "jobs.json"
"""Beside it: which of that by a schedule, by name, each with `within`, the seconds that it has."""
DONE = "done"


@dataclass(frozen=True)
class NeededJob:
    """A service that ends. needs: services that have to run beside it, each after those that it
    depends on."""

    name: str
    needs: tuple[str, ...] = ()

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "NeededJob":
        return cls(str(told["name"]), tuple(told["needs"]))


@dataclass(frozen=True)
class OnceOrder:
    """What to do.

    Attributes:
        folder: where the files of what runs lie; nobody else changes the workload meanwhile.
        staged: the folder with the new files.
        release: what is run once for: the same text for the same release.
        marks: the folder with a file for each job: the release for which it has ended well.
        seconds: how long one may take.
        stays: seconds that what it needs has to run on until it counts as started.
    """

    folder: str
    staged: str
    project: str
    release: str
    marks: str
    jobs: tuple[NeededJob, ...]
    seconds: float
    stays: float

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "OnceOrder":
        """From what JSON has of it."""
        return cls(**{**told, "jobs": tuple(map(NeededJob.of, told["jobs"]))})

    def mark(self, job: str) -> Path:
        return Path(self.marks) / job


@dataclass(frozen=True)
class OnceReport:
    """What came of it.

    Attributes:
        outcome: DONE; `failed`, when a job ended otherwise than with 0; `late`, when it did not
            end; `refused`, when there was no container, or what it needs did not stay up; `broken`.
        job: which one. Those after it were not run.
        why: what was seen.
    """

    outcome: str
    job: str = ""
    why: str = ""
    logs: str = ""
