"""A timer that plays drills: systemd accepts it, and it rings when it says."""

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.data.conftest import LocalHost, open_lab

from liferaft.failures import BadInput
from liferaft.moves.drill_schedule import DrillSchedule, Often
from liferaft.moves.drill_timer import DrillTimer


def timer(folder: Path, often: Often = Often.WEEKLY, site: str = "north") -> DrillTimer:
    of = DrillSchedule("chirp", site, often, timedelta(hours=2), ("LIFERAFT_IDENTITY_FILE",))
    return DrillTimer(of, Path(sys.executable), folder / "liferaft.toml")


@pytest.mark.parametrize("often", Often)
@pytest.mark.parametrize("folder", ["plain", 'with "quotes", 100 % and $HOME'])
def test_systemd_finds_nothing_to_say_against_it(tmp_path: Path, often: Often, folder: str) -> None:
    """Beside the one for drills of the data alone."""
    there = tmp_path / folder
    there.mkdir()
    found = timer(there, often)
    data = DrillTimer(found.of.of_data, found.liferaft, found.config)
    units = tmp_path / "units"
    units.mkdir()
    files = {**found.files(), **data.files()}
    assert len(files) == 4
    for name, text in files.items():
        (units / name).write_text(text)
    paths = [str(units / name) for name in files]
    ran = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *paths],
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    assert found.of.name not in ran.stderr
    assert data.of.name not in ran.stderr


@pytest.mark.parametrize(
    ("often", "days"), [(Often.DAILY, 1), (Often.WEEKLY, 7), (Often.MONTHLY, 31)]
)
def test_it_rings_as_often_as_it_says(tmp_path: Path, often: Often, days: int) -> None:
    text = timer(tmp_path, often).files()["liferaft-drill-chirp-north.timer"]
    calendar = re.search(r"^OnCalendar=(.*)$", text, re.MULTILINE)
    assert calendar
    ran = subprocess.run(
        ["systemd-analyze", "calendar", "--iterations=2", calendar[1]],
        capture_output=True,
        check=True,
        text=True,
        env={"TZ": "UTC", "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        timeout=60,
    )
    rings = [date.fromisoformat(one) for one in re.findall(r"\d{4}-\d\d-\d\d", ran.stdout)]
    assert timedelta(1) <= max(rings) - min(rings) <= timedelta(days)


def test_a_whole_one_waits_for_one_of_the_data_and_none_waits_in_a_circle(tmp_path: Path) -> None:
    """Both begin at once where both were missed, and two at once are refused."""
    whole = timer(tmp_path)
    data = DrillTimer(whole.of.of_data, whole.liferaft, whole.config)
    service = whole.files()[f"{whole.of.name}.service"]
    other = data.files()[f"{data.of.name}.service"]
    after = re.compile(r"^After=(.*)$", re.MULTILINE)
    assert f"{data.of.name}.service" in after.findall(service)[0].split()
    assert whole.of.name not in other
    assert "run north --data --yes" in other


def test_each_site_has_a_moment_of_its_own_and_keeps_it(tmp_path: Path) -> None:
    def moment(site: str) -> str:
        text = timer(tmp_path, site=site).files()[f"liferaft-drill-chirp-{site}.timer"]
        return text.partition("OnCalendar=")[2].splitlines()[0]

    assert moment("north") == moment("north")
    assert len({moment(site) for site in ("north", "east", "west", "south")}) > 1


def test_the_service_has_time_to_delete_what_it_made_and_is_ended_as_by_ctrl_c(
    tmp_path: Path,
) -> None:
    text = timer(tmp_path).files()["liferaft-drill-chirp-north.service"]
    assert "TimeoutStartSec=9000" in text
    assert "TimeoutStopSec=1800" in text
    assert "KillSignal=SIGINT" in text
    assert "# LIFERAFT_IDENTITY_FILE" in text


PROGRAM = b"""\
#!/usr/bin/python3
import signal, sys, time
from pathlib import Path
place = Path("/run/drill")
try:
    place.write_text("made")
    time.sleep(600)
except KeyboardInterrupt:
    time.sleep(6)
    place.unlink()
    sys.exit(130)
"""
"""What a drill is to systemd: it deletes what it made once it is interrupted, for longer than a
service has that says nothing."""


@pytest.fixture(scope="module")
def host() -> Iterator[LocalHost]:
    """With a systemd of its own."""
    with open_lab(("one",)) as lab:
        yield lab.hosts["one"]


@pytest.mark.sandbox
@pytest.mark.parametrize("patient", [True, False])
async def test_a_stop_waits_for_the_deletion_and_would_not_if_the_service_did_not_say_so(
    host: LocalHost, *, patient: bool
) -> None:
    of = DrillSchedule("chirp", "north", Often.WEEKLY, timedelta(hours=2))
    made = DrillTimer(of, Path("/usr/local/bin/liferaft"), Path("/root/liferaft.toml"))
    name = f"{of.name}.service"
    text = made.files()[name]
    if not patient:
        text = re.sub("^TimeoutStopSec=.*$", "", text, flags=re.MULTILINE)
    await host.put("/usr/local/bin/liferaft", PROGRAM, mode=0o755)
    await host.put(f"/etc/systemd/system/{name}", text.encode())
    await host.run("mkdir -p /etc/liferaft /etc/systemd/system.conf.d")
    await host.put("/etc/liferaft/chirp.env", b"")
    limit = b"[Manager]\nDefaultTimeoutStopSec=2s\n"
    await host.put("/etc/systemd/system.conf.d/short.conf", limit)
    await host.run("systemctl daemon-reexec; systemctl daemon-reload")
    await host.run(f"systemctl start --no-block {name}; until [ -s /run/drill ]; do :; done")
    await host.run(f"systemctl stop {name}")
    left = await host.run(["test", "-e", "/run/drill"], check=False)
    said = await host.run(["systemctl", "show", "-P", "Result", name])
    assert (left.exit_code == 0) is not patient
    assert said.stdout.strip() == (b"exit-code" if patient else b"timeout")


def test_what_no_unit_can_hold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot stand in a unit"):
        timer(tmp_path / "two\nlines").files()
