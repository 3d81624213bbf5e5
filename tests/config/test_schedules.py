"""A schedule that cron understands is kept by a timer of systemd at the same moments."""

import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from cronsim import CronSim

from liferaft.config.schedules import calendars

COUNT = 12


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
@pytest.mark.parametrize(
    "written",
    [
        "* * * * *",
        "*/15 * * * *",
        "30 3 * * *",
        "0 4 * * 0",
        "0 4 * * 7",
        "5 4 1,15 * *",
        "0 0 13 * fri",
        "0 0 */10 * mon",
        "0 12 29 2 *",
        "10-20/5 8-18 * jan-mar mon-fri",
    ],
)
def test_a_timer_rings_when_cron_would(written: str) -> None:
    base = datetime(2026, 1, 1, 0, 0, 30, tzinfo=UTC)
    times = set[datetime]()
    for one in calendars(written):
        argv = ["systemd-analyze", "calendar", f"--iterations={COUNT}"]
        argv += [f"--base-time={base:%Y-%m-%d %H:%M:%S} UTC", one]
        said = subprocess.run(argv, capture_output=True, text=True, check=True, env={"TZ": "UTC"})
        rows = re.findall(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC", said.stdout)
        times |= {datetime.fromisoformat(row).replace(tzinfo=UTC) for row in rows}
    assert list(islice(CronSim(written, base), COUNT)) == sorted(times)[:COUNT]
    assert all(one - base > timedelta() for one in times)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("daily", "has not five fields"),
        ("0 0 3 * * *", "has not five fields"),
        ("61 * * * *", "bad minute"),
        ("0 0 31 2 *", "bad day-of-month"),
        ("0 0 L * *", "which timers do not know"),
        ("0 0 * * mon#1", "which timers do not know"),
    ],
)
def test_what_no_timer_could_keep_is_told(written: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        calendars(written)
