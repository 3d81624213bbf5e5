"""Jobs of a schedule: timers on the server that runs them, at the site that reigns alone.

A timer outlives its site's reign where the server does: so the program that it calls asks the
vaults before each run, and a drill has no timers at all. One of a job that is declared no more ends
by itself, since the program finds no such job beside what runs.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from liferaft.data.kind import DataPlace
from liferaft.data.rclone import Rclone, ca_files, s3_section
from liferaft.hosts.job_timers import (
    SETTINGS,
    STATES,
    service,
    service_text,
    timer,
    timer_text,
)
from liferaft.hosts.once import PROGRAM, program
from liferaft.hosts.workload import FOLDER, PROJECT
from liferaft.plan.step import Step
from liferaft.remote.acts import HostActFailed, act, succeeds
from liferaft.remote.contract import Host
from liferaft.remote.files import PROGRAMS, HostFile, differing, folders, put_changed
from liferaft.remote.markers import MARKERS
from liferaft.site.reach import VaultAccess, vault_accesses
from liferaft.site.scheduling import on_server
from liferaft.site.world import World
from liferaft.vault.layout import EPOCHS

_UNITS: Final = "/etc/systemd/system"


def of_schedule(at: DataPlace) -> Iterator[Step]:
    """A step for each server that runs some. Pure."""
    for seat in at.roster.app:
        here = on_server(at.config, seat.name)
        if here:
            told = ", ".join(f"{name} ({job.schedule})" for name, job in here.items())
            calendars = {name: job.calendars for name, job in here.items()}
            within = {name: int(job.within.total_seconds()) for name, job in here.items()}
            yield Step(
                f"jobs-{seat.name}",
                f"Run by schedule on {seat.name}: {told}",
                ScheduleJobs(seat.name, at.epoch, calendars, within),
            )


@dataclass(frozen=True)
class ScheduleJobs:
    """Each job has a timer on the server, at boot too, for this epoch. calendars: by job, what
    `OnCalendar=` is told; within: the seconds that it has."""

    server: str
    epoch: int
    calendars: Mapping[str, tuple[str, ...]]
    within: Mapping[str, int]

    async def holds(self, world: World) -> bool:
        host = await world.servers.host(self.server)
        for name in self.calendars:
            for asked in ("is-active", "is-enabled"):
                if not await succeeds(host, ["systemctl", asked, "--quiet", timer(name)]):
                    return False
        configs = [_rclone(host, one).config_file(_section(one)) for one in vault_accesses(world)]
        return not await differing(host, [*self._files(world, host), *configs])

    async def apply(self, world: World) -> Mapping[str, Any]:
        host = await world.servers.host(self.server)
        await folders(host, "/etc/liferaft", PROGRAMS, MARKERS)
        for one in vault_accesses(world):
            await _rclone(host, one).configure(_section(one))
        await put_changed(host, self._files(world, host))
        timers = [timer(name) for name in self.calendars]
        script = " && ".join([
            "systemctl daemon-reload",
            *(f"systemctl enable {one} && systemctl restart {one}" for one in timers),
        ])  # fmt: skip
        await act(host, ["bash", "-c", script], doing="Starting the timers of jobs")
        return {}

    async def prove(self, world: World) -> None:
        if not await self.holds(world):
            raise HostActFailed(
                f"The timers of jobs on {self.server} are not as they were set",
                do="Run the same command again.",
            )

    def _files(self, world: World, host: Host) -> Sequence[HostFile]:
        """But for the keys, which are in rclone's own files."""
        settings = {
            "epoch": self.epoch,
            "folder": FOLDER,
            "project": PROJECT,
            "states": STATES,
            "vaults": [_vault(host, one) for one in vault_accesses(world)],
        }
        return (
            HostFile(PROGRAM, program(), mode=0o755),
            HostFile(SETTINGS, json.dumps(settings, sort_keys=True).encode()),
            *(
                HostFile(f"{_UNITS}/{timer(name)}", timer_text(name, when).encode())
                for name, when in self.calendars.items()
            ),
            *(
                HostFile(f"{_UNITS}/{service(name)}", service_text(name, seconds).encode())
                for name, seconds in self.within.items()
            ),
        )


def _vault(host: Host, one: VaultAccess) -> Mapping[str, Any]:
    """As the program's `EpochVault` is."""
    epochs = f"{one.name}:{one.bucket}/{one.prefix}{EPOCHS}"
    return {"name": one.name, "argv": _rclone(host, one).argv(), "epochs": epochs}


def _rclone(host: Host, one: VaultAccess) -> Rclone:
    return Rclone(host, f"jobs-{one.name}", ca_files(one))


def _section(one: VaultAccess) -> str:
    return s3_section(
        one.name,
        url=one.url,
        region=one.region,
        access_key=one.access_key,
        secret_key=one.secret_key,
    )
