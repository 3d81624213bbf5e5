"""Containers, seen on their server and removed there."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

SEEN = (
    '{{index .Config.Labels "com.docker.compose.service"}}\t{{.Name}}\t{{.State.Status}}\t'
    "{{.State.ExitCode}}\t{{.RestartCount}}\t{{.State.StartedAt.Unix}}\t{{.Image}}"
)
"""`podman inspect --format`: a line that `Container.of` reads."""

JOB = "scheduled-"
"""What the names of containers of such jobs begin with, before the project's: no service's does."""


@dataclass(frozen=True)
class Container:
    """A container of the workload at one moment. `started` in Unix seconds, by the server's clock;
    `restarts` are podman's own, after the container had ended by itself.
    """

    service: str
    name: str
    status: str
    exit_code: int
    restarts: int
    started: int
    image: str

    @classmethod
    def of(cls, line: str) -> "Container":
        """From a line in the format SEEN."""
        service, name, status, exit_code, restarts, started, image = line.split("\t")
        return cls(service, name, status, int(exit_code), int(restarts), int(started), image)

    @property
    def runs(self) -> bool:
        return self.status == "running"

    def lasts(self, now: float, stays: float, again: float) -> bool:
        """It has run on for `stays` seconds, for `again` if it has ended before. `now` in Unix
        seconds: a start that lies in the future is of a clock that was set back since.
        """
        age = now - self.started
        return self.runs and (age < 0 or age >= (again if self.restarts else stays))


def look(project: str) -> Mapping[str, Container]:
    """The project's containers by service."""
    found = ids(project)
    if not found:
        return {}
    lines = run("podman", "inspect", "--format", SEEN, *found).stdout.splitlines()
    return {each.service: each for each in map(Container.of, filter(None, lines))}


def ids(project: str) -> list[str]:
    """Of the project's containers, whatever their state, but for jobs of a schedule: a release that
    is changed meanwhile does not end them."""
    ours = f"label=io.podman.compose.project={project}"
    form = "{{.ID}} {{.Names}}"
    said = run("podman", "ps", "--all", "--filter", ours, "--format", form).stdout.splitlines()
    rows = (line.partition(" ") for line in said)
    return [number for number, _, name in rows if not name.startswith(f"{JOB}{project}_")]


def remove(project: str) -> None:
    """The project has no container any more. Raises RuntimeError if podman leaves one."""
    found = ids(project)
    if found:
        said = run("podman", "rm", "--force", *found)
        if ids(project):  # one that stays would pass for a new one
            raise RuntimeError(f"podman does not remove containers: {said.stderr.strip()}")


def run(*argv: str, folder: str = "/") -> "subprocess.CompletedProcess[str]":
    """A program to its end, whatever its exit code: what came of it is looked at."""
    return subprocess.run(
        argv, cwd=folder, capture_output=True, text=True, errors="replace", check=False
    )
