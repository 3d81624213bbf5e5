"""Timers of jobs on a server, as text. Pure."""

from collections.abc import Sequence
from typing import Final

from liferaft.hosts.once import PROGRAM
from liferaft.hosts.workload import UNIT as WORKLOAD
from liferaft.remote.markers import MARKERS

SETTINGS: Final = "/etc/liferaft/jobs.json"
STATES: Final = f"{MARKERS}/jobs"
AROUND_SECONDS: Final = 1800
"""Beside what a job itself may take: for vaults, and for a release that is changed meanwhile."""


def timer(job: str) -> str:
    """The name of its timer."""
    return f"liferaft-job-{job}.timer"


def service(job: str) -> str:
    """The name of what its timer starts."""
    return f"liferaft-job-{job}.service"


def timer_text(job: str, calendars: Sequence[str]) -> str:
    """systemd starts nothing that still runs: a job whose time comes meanwhile is left out. What
    came while the server was off is not made up for."""
    moments = "".join(f"OnCalendar={one}\n" for one in calendars)
    return f"""\
[Unit]
Description=When the application's job {job} runs (liferaft)

[Timer]
{moments}AccuracySec=1s

[Install]
WantedBy=timers.target
"""


def service_text(job: str, seconds: int) -> str:
    """It ends after the job, whose container says what it says in the journal itself."""
    return f"""\
[Unit]
Description=The application's job {job} (liferaft)
Wants=network-online.target
After=network-online.target {WORKLOAD}

[Service]
Type=oneshot
ExecStart={PROGRAM} scheduled {job} {SETTINGS}
TimeoutStartSec={seconds + AROUND_SECONDS}
"""
