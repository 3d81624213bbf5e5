"""One container that is run to its end, by the name that it has for that alone."""

import time
from dataclasses import dataclass
from pathlib import Path

from liferaft.hosts.switching.containers import run
from liferaft.hosts.switching.files import COMPOSE, PODMAN

from .order import JOBS

LOOK_SECONDS = 0.25
_SEEN = "{{.State.Status}}\t{{.State.ExitCode}}"
_RUNS = ("running", "stopping", "paused")
_ENDED = ("exited", "stopped")


@dataclass(frozen=True)
class ContainerState:
    """status: podman's word; empty where there is no such container."""

    status: str
    exit_code: int = 0

    @property
    def runs(self) -> bool:
        return self.status in _RUNS

    @property
    def has_ended(self) -> bool:
        """By itself or by a signal. One that a power cut ended has not, by podman's own word."""
        return self.status in _ENDED


def state(name: str) -> ContainerState:
    said = run("podman", "inspect", "--format", _SEEN, name).stdout.strip()
    if not said:
        return ContainerState("")
    status, _, code = said.partition("\t")
    return ContainerState(status, int(code))


def begin(folder: Path, project: str, service: str, name: str, *words: str, jobs: bool) -> str:
    """Make the container of a service and start it, as the file in the folder says; podman's words.
    jobs: whether of the file of jobs. words: run in place of its command."""
    argv = ["podman-compose", "--podman-path", PODMAN, "-p", project]
    argv += ["-f", JOBS if jobs else COMPOSE, "run", "--detach", "--no-deps", "-T"]
    said = run(*argv, "--name", name, service, *words, folder=str(folder))
    return said.stdout + said.stderr


def wait(name: str, until: float) -> ContainerState:
    """What it is once it has ended. `until`, by the steady clock, it is stopped: the state is then
    that of one that runs."""
    while True:
        seen = state(name)
        if not seen.runs:
            return seen
        if time.monotonic() > until:
            run("podman", "stop", "--ignore", name)
            return seen
        time.sleep(LOOK_SECONDS)


def remove(*names: str) -> None:
    if names:
        run("podman", "rm", "--force", "--ignore", *names)


def named(project: str, beginning: str) -> list[str]:
    """Names of the project's containers that begin so."""
    ours = f"label=io.podman.compose.project={project}"
    argv = ("ps", "--all", "--filter", ours, "--format", "{{.Names}}")
    return [name for name in run("podman", *argv).stdout.split() if name.startswith(beginning)]


def last_lines(name: str) -> str:
    own = run("podman", "logs", "--tail", "20", name)
    return own.stdout + own.stderr
