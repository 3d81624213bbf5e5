"""The workload on a host: installed, started, stopped, looked at. Every act can be repeated."""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

from liferaft.failures import DeadlinePassed, Failure
from liferaft.hosts.compose import Service
from liferaft.hosts.workload import PROJECT, UNIT, Workload
from liferaft.remote.contract import Host

_POLL_SECONDS: Final = 0.25


class WorkloadNotRunning(DeadlinePassed):
    """Containers did not come up, or did not stay up, in time. `details` ends their logs."""


class ContainerMissing(Failure):
    """podman refused to make a container. `details` ends the logs, with podman's own words."""


class ImageMissing(Failure):
    """An image of the workload is not on the host: it has to be loaded before the start."""


async def is_installed(host: Host, workload: Workload) -> bool:
    """The host has exactly these files, and starts the unit at boot."""
    sums = "".join(
        f"{sha256(file.content.encode()).hexdigest()}  {file.path}\n" for file in workload.files()
    )
    same = await host.run(["sha256sum", "--check", "--status"], stdin=sums.encode(), check=False)
    enabled = await host.run(["systemctl", "is-enabled", "--quiet", UNIT], check=False)
    return same.exit_code == 0 and enabled.exit_code == 0


async def install(host: Host, workload: Workload, *, deadline: float) -> bool:
    """Put the files there and enable the unit. True if something had to change.

    A running workload is stopped first, with the files that it was started from; `start` it after.
    """
    if await is_installed(host, workload):
        return False
    await stop(host, deadline=deadline)
    for file in workload.files():
        await host.put(file.path, file.content.encode(), mode=file.mode)
    await host.run(f"systemctl daemon-reload && systemctl enable --quiet {UNIT}")
    return True


async def start(host: Host, workload: Workload, *, deadline: float) -> None:
    """Return once every container of the workload runs. Does nothing if they do already.

    Running is not healthy: the app is proven by another path. Raises ImageMissing before anything
    starts, ContainerMissing at once, WorkloadNotRunning after `deadline` seconds.
    """
    services = workload.compose.services
    if await is_running(host, services):
        return
    absent = await missing_images(host, workload)
    if absent:
        raise ImageMissing(
            f"The host has no image {', '.join(absent)}.",
            safe="Nothing was started.",
            do="Load the images of the recovery point first.",
        )
    end = time.monotonic() + deadline
    # `restart`, because an active one-shot unit whose containers were removed does not start again.
    await host.run(["systemctl", "restart", UNIT], deadline=deadline)
    refused = sorted(services.keys() - await states(host))
    if refused:  # podman-compose has ended: nobody will make it
        raise ContainerMissing(
            f"podman made no container for {', '.join(refused)}.",
            safe="The unit stays as it is; starting again is safe.",
            do="Look at the last lines of the logs: podman says why. Correct the Compose file.",
            details={"logs": workload.struck(await logs(host, lines=20))},
        )
    while not await is_running(host, services):
        if time.monotonic() + _POLL_SECONDS > end:
            raise WorkloadNotRunning(
                f"Waited {deadline:g} s for {', '.join(services)} to run.",
                safe="The unit stays as it is; starting again is safe.",
                do="Look at the last lines of the logs.",
                details={
                    "states": str(await states(host)),
                    "logs": workload.struck(await logs(host, lines=20)),
                },
            )
        await asyncio.sleep(_POLL_SECONDS)


async def stop(host: Host, *, deadline: float) -> None:
    """Stop the unit and its containers; a host without them is fine. Returns when they are gone."""
    listed = ["systemctl", "list-unit-files", "--quiet", UNIT]
    known = await host.run(listed, check=False)
    if UNIT in known.text:
        await host.run(["systemctl", "stop", UNIT], deadline=deadline)


async def is_running(host: Host, services: Mapping[str, Service]) -> bool:
    """Every service has a running container, of the image that its name means on the host now."""
    found = {_service(container): container for container in await _containers(host)}
    for name, service in services.items():
        container = found.get(name)
        if container is None or container["State"] != "running":
            return False
        if container["ImageID"] != await _image_id(host, service.image):
            return False
    return True


async def states(host: Host) -> Mapping[str, str]:
    """podman's word for each service's container: running, exited, created, …"""
    return {_service(container): str(container["State"]) for container in await _containers(host)}


async def missing_images(host: Host, workload: Workload) -> tuple[str, ...]:
    """Images that podman would have to fetch from somewhere, sorted."""
    images = sorted(workload.compose.images)
    return tuple([image for image in images if await _image_id(host, image) is None])


async def logs(host: Host, *, lines: int = 100) -> str:
    """The last lines of the unit and of every container; the app decides what they hold."""
    script = f"""
journalctl --no-pager --quiet --lines {lines:d} --unit {UNIT} 2>&1
for name in $(podman ps --all --filter label=io.podman.compose.project={PROJECT} \\
        --format '{{{{.Names}}}}' 2>/dev/null); do
    echo "== $name"
    podman logs --tail {lines:d} "$name" 2>&1
done
"""
    said = await host.run(script, check=False)
    return said.text


async def _containers(host: Host) -> Sequence[Mapping[str, Any]]:
    only_ours = f"label=io.podman.compose.project={PROJECT}"
    asked = ["podman", "ps", "--all", "--filter", only_ours, "--format", "json"]
    containers: list[Mapping[str, Any]] = json.loads((await host.run(asked)).text or "[]")
    return containers


def _service(container: Mapping[str, Any]) -> str:
    return str(container["Labels"]["com.docker.compose.service"])


async def _image_id(host: Host, image: str) -> str | None:
    asked = ["podman", "image", "inspect", "--format", "{{.Id}}", image]
    found = await host.run(asked, check=False)
    return found.text if found.exit_code == 0 else None
