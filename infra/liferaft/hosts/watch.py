"""Containers, seen on their server, and whether they stay up. Sent there: see `switch`."""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

STARTS = 4
"""A container that was started so often and ended each time is not waited for any longer."""
STEADY = "steady"
_NOT_STARTED = ("created", "configured", "initialized")
SEEN = (
    '{{index .Config.Labels "com.docker.compose.service"}}\t{{.Name}}\t{{.State.Status}}\t'
    "{{.State.ExitCode}}\t{{.RestartCount}}\t{{.State.StartedAt.Unix}}\t{{.Image}}"
)
"""`podman inspect --format`: a line that `Container.of` reads."""


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


@dataclass
class Watch:
    """Tells from looks at containers whether they stay up."""

    services: Sequence[str]
    stays: float
    again: float
    _since: dict[str, tuple[int, int, float]] = field(default_factory=dict)
    _ended: dict[str, int] = field(default_factory=dict)

    def verdict(self, seen: Mapping[str, Container], now: float) -> tuple[str, str] | None:
        """Outcome and reason; None while it cannot be told. `now`: of any steady clock."""
        missing = [name for name in self.services if name not in seen]
        if missing:  # podman-compose has ended: nobody will make it
            return "missing", ", ".join(missing)
        steady, failed = True, []
        for name in self.services:
            container = seen[name]
            if not container.runs:
                self._ended[name] = container.exit_code
            if container.status in _NOT_STARTED:
                failed.append(f"{name} could not be started")
            elif container.restarts + 1 >= STARTS:
                failed.append(f"{name} {self._crashes(container)}")
            steady = self._is_steady(container, now) and steady
        if failed:
            return "unsteady", "; ".join(failed)
        return (STEADY, "") if steady else None

    def _is_steady(self, container: Container, now: float) -> bool:
        if not container.runs:
            self._since.pop(container.service, None)
            return False
        known = self._since.get(container.service, (0, 0, 0.0))
        if known[:2] != (container.restarts, container.started):
            known = (container.restarts, container.started, now)
            self._since[container.service] = known
        return now - known[2] >= (self.again if container.restarts else self.stays)

    def _crashes(self, container: Container) -> str:
        times = f"was started {container.restarts + 1} times and ended each time"
        code = self._ended.get(container.service)
        return times if code is None else f"{times}, with exit code {code}"


def look(project: str) -> Mapping[str, Container]:
    """The project's containers by service."""
    found = ids(project)
    if not found:
        return {}
    lines = run("podman", "inspect", "--format", SEEN, *found).stdout.splitlines()
    return {each.service: each for each in map(Container.of, filter(None, lines))}


def ids(project: str) -> list[str]:
    """Of the project's containers, whatever their state."""
    ours = f"label=io.podman.compose.project={project}"
    return run("podman", "ps", "--all", "--quiet", "--filter", ours).stdout.split()


def run(*argv: str, folder: str = "/") -> "subprocess.CompletedProcess[str]":
    """A program to its end, whatever its exit code: what came of it is looked at."""
    return subprocess.run(
        argv, cwd=folder, capture_output=True, text=True, errors="replace", check=False
    )
