"""The workload on a host: brought up, looked at. Every act can be repeated."""

import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Final

from liferaft.compose.service import Service
from liferaft.failures import Failure, Own
from liferaft.hosts.switching.containers import SEEN, Container
from liferaft.hosts.switching.order import Order, SwitchReport
from liferaft.hosts.switching.watch import STEADY
from liferaft.hosts.workload import FOLDER, PROJECT, UNIT, UNIT_PATH, Workload, unit
from liferaft.remote.acts import succeeds
from liferaft.remote.contract import Host
from liferaft.remote.files import PROGRAMS, HostFile, differing, folder
from liferaft.remote.program import packed

STAYS_SECONDS: Final = 3.0
"""A container that has run for so long is up. One that crashes later is the proof's to see."""
AGAIN_SECONDS: Final = 10.0
"""The same for a container that has ended before."""
_PROGRAM: Final = f"{PROGRAMS}/liferaft-switch"
_SOURCES: Final = Path(__file__).parent / "switching"
_BACK: Final = {
    "yes": "What ran on the server before runs again: the same images, told the same.",
    "no": "What ran on the server before was started again and did not stay up either.",
    "another epoch": "What ran on the server before is of another epoch, and stays stopped.",
    "nothing": "What came up of the new containers stays; nothing ran well before them.",
}


class WorkloadNotRunning(Failure):
    """Containers did not come up, or did not stay up. `details` ends their logs."""


class ContainerMissing(Failure):
    """podman refused to make a container. `details` ends the logs, with podman's own words."""


class ImageMissing(Failure):
    """An image of the workload is not on the host: it has to be loaded before the start."""


_OUTCOMES: Final[Mapping[str, tuple[type[Failure], str, str]]] = {
    "unprepared": (
        WorkloadNotRunning,
        "The server could not prepare the change: {}.",
        "Mend the cause on the server (room on its disk?), then run the same command again.",
    ),
    "refused": (
        ContainerMissing,
        "podman makes no container for {}.",
        "Look at podman's words and correct the Compose file.",
    ),
    "broken": (
        WorkloadNotRunning,
        "The change on the server broke off: {}.",
        "Mend the cause on the server (room on its disk?), then run the same command again.",
    ),
    "missing": (
        ContainerMissing,
        "podman made no container for {}.",
        "Look at the last lines of the logs: podman says why. Correct the Compose file.",
    ),
    "unsteady": (
        WorkloadNotRunning,
        "The containers do not stay up: {}.",
        "Look at the last lines of the logs, mend the cause and run the same command again.",
    ),
}
"""By the outcome that the server reports: what it is, what happened, what to do."""


async def is_installed(host: Host, workload: Workload) -> bool:
    """The host has exactly these files, and starts the unit at boot."""
    at_boot = HostFile(UNIT_PATH, unit(workload.compose).encode())
    if await differing(host, [*workload.files(), at_boot]):
        return False
    return await succeeds(host, ["systemctl", "is-enabled", "--quiet", UNIT])


async def bring_up(host: Host, workload: Workload, *, seconds: float, sign: str = "") -> None:
    """Return once every container of the workload runs, and has run on for its first seconds.

    Running is not healthy: the app is proven by another path. Before what runs is stopped, all that
    can be known is looked at: ImageMissing, ContainerMissing. When the new containers do not stay
    up within `seconds`, what ran before runs again: WorkloadNotRunning says so. `sign`: a file on
    the host that tells others from the stop on that this is a start; whoever sees the app well
    removes it.
    """
    absent = await missing_images(host, workload)
    if absent:
        raise ImageMissing(
            f"The server has no image {', '.join(absent)}.",
            safe=Own("Nothing was stopped on the server: what ran there runs on."),
            do="Correct the image's name in the Compose file, or add its archive to app.images; "
            "then run the same command again.",
        )
    report = await _switch(host, workload, seconds, sign)
    if report.outcome != STEADY:
        raise _failure(workload, report)


async def is_running(host: Host, services: Mapping[str, Service]) -> bool:
    """Every service has a container that stays up, of the image that its name means there now."""
    now, found = await _look(host)
    for name, service in services.items():
        container = found.get(name)
        if container is None or not container.runs or _is_restless(container, now):
            return False
        if container.image != await _image_id(host, service.image):
            return False
    return True


async def restless(host: Host) -> tuple[str, ...]:
    """Services that do not stay up, each with how often it was started."""
    now, found = await _look(host)
    return tuple(
        f"{name} was started {container.restarts + 1} times and does not stay up"
        for name, container in found.items()
        if _is_restless(container, now)
    )


async def states(host: Host) -> Mapping[str, str]:
    """podman's word for each service's container: running, exited, created, …"""
    _, found = await _look(host)
    return {name: container.status for name, container in found.items()}


async def missing_images(host: Host, workload: Workload) -> tuple[str, ...]:
    """Images that podman would have to fetch from somewhere, sorted."""
    images = sorted(workload.compose.images)
    return tuple([image for image in images if await _image_id(host, image) is None])


async def image_ids(host: Host, images: Collection[str]) -> Mapping[str, str | None]:
    """What each of these names means on the host; None for what is not there."""
    return {image: await _image_id(host, image) for image in images}


async def put_beside(host: Host, workload: Workload) -> str:
    """The workload's files lie in a new folder beside what runs; its path."""
    staged = f"{FOLDER}.next-{secrets.token_hex(4)}"
    # Whoever may enter it reads what containers of any user have to read.
    await folder(host, staged, mode=0o700)
    for file in workload.files(staged):
        await host.put(file.path, file.content, mode=file.mode)
    return staged


async def _switch(host: Host, workload: Workload, seconds: float, sign: str) -> SwitchReport:
    staged = await put_beside(host, workload)
    order = Order(
        folder=FOLDER,
        staged=staged,
        unit=UNIT,
        project=PROJECT,
        seconds=seconds,
        stays=STAYS_SECONDS,
        again=AGAIN_SECONDS,
        sign=sign,
    )
    await host.put(_PROGRAM, packed(_SOURCES), mode=0o755)
    deadline = workload.switch_seconds + 3 * seconds
    said = await host.run([_PROGRAM, json.dumps(asdict(order))], deadline=deadline)
    return SwitchReport(**json.loads(said.text))


def _failure(workload: Workload, report: SwitchReport) -> Failure:
    kind, happened, do = _OUTCOMES[report.outcome]
    before_the_stop = report.outcome in ("unprepared", "refused")
    return kind(
        happened.format(workload.struck(report.why)),
        safe=Own(
            "Nothing was stopped on the server: what ran there runs on."
            if before_the_stop
            else _BACK[report.back]
        ),
        do=do,
        details={"logs": workload.struck(report.logs)} if report.logs else {},
    )


def _is_restless(container: Container, now: int) -> bool:
    return container.restarts > 0 and not container.lasts(now, STAYS_SECONDS, AGAIN_SECONDS)


async def _look(host: Host) -> tuple[int, Mapping[str, Container]]:
    """The server's time in Unix seconds, and the containers that it has, by service."""
    script = f"""
date +%s
podman ps --all --quiet --filter label=io.podman.compose.project={PROJECT} |
    xargs --no-run-if-empty podman inspect --format '{SEEN}' || :
"""
    now, *lines = (await host.run(script)).stdout.decode().splitlines()
    return int(now), {each.service: each for each in map(Container.of, filter(None, lines))}


async def _image_id(host: Host, image: str) -> str | None:
    asked = ["podman", "image", "inspect", "--format", "{{.Id}}", image]
    found = await host.run(asked, check=False)
    return found.text if found.exit_code == 0 else None
