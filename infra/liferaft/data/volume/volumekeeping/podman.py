"""The volume as podman has it, and commands in the container of the service that writes to it."""

from pathlib import Path

from .ended import VolumeNotKept, end_of, output_of
from .task import VolumeTask

_COMMAND_SECONDS = 600.0
_LABELS = ("io.podman.compose", "com.docker.compose")
"""podman-compose writes both, Docker's own the second."""


def has_volume(task: VolumeTask) -> bool:
    """Whether podman knows one of that name."""
    return end_of(["podman", "volume", "exists", task.volume]).code == 0


def mountpoint(task: VolumeTask) -> Path:
    """The folder that has its files. Raises VolumeNotKept where there is no such volume."""
    if not has_volume(task):
        raise VolumeNotKept(f"the server has no volume {task.volume} yet")
    argv = ["podman", "volume", "inspect", "--format", "{{.Mountpoint}}", task.volume]
    return Path(output_of(argv))


def make_volume(task: VolumeTask) -> Path:
    """There is one on return, as Compose makes it; its folder. Raises VolumeNotKept."""
    if not has_volume(task):
        labels = [f"--label={one}.project={task.project}" for one in _LABELS]
        named = f"--label=com.docker.compose.volume={task.part}"
        output_of(["podman", "volume", "create", *labels, named, task.volume])
    return mountpoint(task)


def run_in_service(task: VolumeTask, command: str) -> None:
    """In the container that runs; as a line for its shell. Raises VolumeNotKept."""
    labels = {"project": task.project, "service": task.service}
    asked = [f"--filter=label=com.docker.compose.{of}={name}" for of, name in labels.items()]
    running = output_of(["podman", "ps", "--quiet", "--filter=status=running", *asked]).split()
    if not running:
        raise VolumeNotKept(f"no container of service {task.service} runs, for {command!r}")
    ended = end_of(["podman", "exec", running[0], "sh", "-c", command], seconds=_COMMAND_SECONDS)
    if ended.code:
        raise VolumeNotKept(f"{command!r} ended with {ended.code}: {ended.last_words}")
