"""Jobs of a release on a host: services that end, run once before what runs is stopped. Every act
can be repeated, and a job that has ended well for a release is not run for it again."""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Final

from liferaft.compose.application import ending_services
from liferaft.compose.service import Service
from liferaft.failures import Failure, Own
from liferaft.hosts.jobrunning.order import DONE, NeededJob, OnceOrder, OnceReport
from liferaft.hosts.running import STAYS_SECONDS, ImageMissing, image_ids, put_beside
from liferaft.hosts.workload import FOLDER, PROJECT, Workload
from liferaft.remote.contract import Host
from liferaft.remote.files import PROGRAMS
from liferaft.remote.markers import MARKERS, marker_of
from liferaft.remote.program import packed

PROGRAM: Final = f"{PROGRAMS}/liferaft-job"
AROUND_SECONDS: Final = 300.0
"""For what jobs need and for what is said of them."""
_SOURCES: Final = Path(__file__).parent
_MARKS: Final = "once"
_WAYS_OUT: Final = {
    "failed": "Look at its last lines, mend the cause and run the same command again: it is run "
    "again then.",
    "late": "It was stopped. Give it longer, by `within` under [jobs.{job}] in liferaft.toml, see "
    "that it may be begun again, then run the same command again.",
    "refused": "Look at podman's words, correct the Compose file and run the same command again.",
    "broken": "Mend the cause on the server (room on its disk?), then run the same command again.",
}


class JobFailed(Failure):
    """A job of a release did not end well, so that the release was not started. `details` ends its
    log."""


async def has_ended_well(host: Host, workload: Workload) -> bool:
    """Every job of the workload has ended well for this very release on the host."""
    release = await _release(host, workload)
    if release is None:
        return False
    for job in workload.jobs.services:
        if await marker_of(host, f"{_MARKS}/{job}") != release:
            return False
    return True


async def run_once(host: Host, workload: Workload, *, seconds: float) -> None:
    """Return once every job has ended well for this release; seconds: how long one may take.

    What they need and does not run is there beside them, and gone afterwards. Raises JobFailed,
    ImageMissing. What runs on the server runs on.
    """
    release = await _release(host, workload)
    if release is None:
        raise ImageMissing(
            "The server lacks an image of its jobs or of its services.",
            safe=Own("Nothing was stopped on the server: what ran there runs on."),
            do="Correct the image's name in the Compose file, or add its archive to app.images; "
            "then run the same command again.",
        )
    staged = await put_beside(host, workload)
    order = OnceOrder(
        folder=FOLDER,
        staged=staged,
        project=PROJECT,
        release=release,
        marks=f"{MARKERS}/{_MARKS}",
        jobs=tuple(_needed(workload)),
        seconds=seconds,
        stays=STAYS_SECONDS,
    )
    await host.put(PROGRAM, program(), mode=0o755)
    longest = len(order.jobs) * (seconds + AROUND_SECONDS)
    said = await host.run([PROGRAM, "once", json.dumps(asdict(order))], deadline=longest)
    report = OnceReport(**json.loads(said.text))
    if report.outcome != DONE:
        raise _failure(workload, report)


def program() -> bytes:
    """An archive that Python runs."""
    return packed(_SOURCES / "jobrunning", beside=_SOURCES / "switching")


def _needed(workload: Workload) -> Iterator[NeededJob]:
    here = {**workload.compose.services, **workload.jobs.services}
    for job in ending_services(workload.jobs):
        needs = dict.fromkeys(_needs(job, here))
        yield NeededJob(job, tuple(name for name in needs if name in workload.compose.services))


def _needs(name: str, here: Mapping[str, Service]) -> Iterator[str]:
    """What a service depends on, each after those that it depends on itself."""
    for need in here[name].depends_on:
        if need in here:
            yield from _needs(need, here)
            yield need


async def _release(host: Host, workload: Workload) -> str | None:
    """The same for the same files and the same content of images; None where one is missing."""
    ids = await image_ids(host, _images(workload))
    if None in ids.values():
        return None
    files = {one.path: hashlib.sha256(one.content).hexdigest() for one in workload.files()}
    return hashlib.sha256(json.dumps([files, ids], sort_keys=True).encode()).hexdigest()


def _images(workload: Workload) -> Collection[str]:
    return sorted(workload.compose.images | workload.jobs.images)


def _failure(workload: Workload, report: OnceReport) -> JobFailed:
    job = report.job or "A job"
    return JobFailed(
        f"{job} {workload.struck(report.why)}: this release is not started.",
        safe=Own(
            "Nothing was stopped on the server: what ran there runs on. What the job did until "
            "then, to the database say, it has done."
        ),
        do=_WAYS_OUT[report.outcome].format(job=report.job),
        details={"logs": workload.struck(report.logs)} if report.logs else {},
    )
