"""Timers of jobs: systemd accepts them, and their program has the time that the job has."""

import shutil
import subprocess
from pathlib import Path

import pytest

from liferaft.config.jobs import JobConfig
from liferaft.hosts.job_timers import service, service_text, timer, timer_text
from liferaft.hosts.once import PROGRAM


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_finds_nothing_to_say_against_them(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    job = JobConfig(schedule="0 0 13 * fri", service="web")
    units = {
        timer("clear"): timer_text("clear", job.calendars),
        service("clear"): service_text("clear", 3600).replace(PROGRAM, str(program)),
    }
    for name, text in units.items():
        (tmp_path / name).write_text(text)
    ran = subprocess.run(
        [
            *("systemd-analyze", "verify", "--man=no", "--recursive-errors=no"),
            *(str(tmp_path / name) for name in units),
        ],
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    assert "liferaft-job-clear" not in ran.stderr


def test_either_kind_of_days_has_a_moment_of_its_own() -> None:
    text = timer_text("clear", JobConfig(schedule="0 0 13 * fri", service="web").calendars)
    assert text.count("OnCalendar=") == 2


def test_systemd_waits_longer_than_a_job_may_take() -> None:
    (line,) = (one for one in service_text("clear", 3600).splitlines() if "Timeout" in one)
    assert int(line.partition("=")[2]) > 3600
