"""What a server is given to run its part of the app, as text."""

import shutil
import subprocess
from pathlib import Path

import pytest

from liferaft.compose.application import Compose
from liferaft.compose.service import Service
from liferaft.failures import BadInput
from liferaft.hosts.switching.files import PODMAN
from liferaft.hosts.workload import UNIT, Workload, unit, variables_file

COMPOSE = Compose(
    {
        "web": Service("localhost/chirp:1", stop_grace_period=20),
        "worker": Service("localhost/chirp:1"),
    }
)


def test_variables_are_written_as_podman_reads_them() -> None:
    written = variables_file({"B": 'quoted "value" with $dollar # and more', "A": ""})
    assert written == 'A=\nB=quoted "value" with $dollar # and more\n'


def test_a_value_that_cannot_be_delivered_is_refused_without_showing_it() -> None:
    with pytest.raises(BadInput) as caught:
        variables_file({"KEY": "hush\nhush"})
    assert "KEY" in caught.value.facts.happened
    assert "hush" not in str(caught.value.facts)
    with pytest.raises(BadInput):
        variables_file({"NOT A NAME": "x"})


def test_only_root_reads_the_variables_and_nothing_shows_them() -> None:
    workload = Workload(COMPOSE, {"KEY": "hush"})
    modes = {Path(file.path).name: file.mode for file in workload.files()}
    assert modes == {"compose.yaml": 0o600, "app.env": 0o600, PODMAN: 0o755, UNIT: 0o644}
    assert "hush" not in repr(workload) + repr(workload.files())


def test_nothing_of_an_environment_is_in_the_file_that_podman_compose_turns_into_arguments() -> (
    None
):
    told = (("PASSWORD", "hush$hush"), ("EMPTY", ""))
    compose = Compose({"web": Service("a:1", environment=told), "worker": Service("a:1")})
    files = {Path(file.path).name: file for file in Workload(compose, {}).files()}
    assert b"hush" not in files["compose.yaml"].content
    assert files["environment.web"].content == b"EMPTY=\nPASSWORD=hush$hush\n"
    assert files["environment.web"].mode == 0o600
    assert files["compose.yaml"].content.count(b"env") == 0


def test_what_services_are_told_is_struck_out_of_logs_even_if_the_app_prints_it() -> None:
    url = "postgresql://chirp:hush-hush@10.0.0.1:5432/chirp"
    told = (("PASSWORD", "open$sesame"), ("DEBUG", "1"))
    workload = Workload(
        Compose({"web": Service("a:1", environment=told)}), {"DATABASE_URL": url, "SITE": "east"}
    )
    said = f"1 error: cannot reach {url} as hush-hush; tried open$sesame at 1, open%24sesame at 2"
    assert workload.struck(said) == (
        "1 error: cannot reach [DATABASE_URL] as [DATABASE_URL]; tried [PASSWORD] at 1, "
        "[PASSWORD] at 2"
    )


def test_the_longest_grace_period_bounds_the_stop() -> None:
    text = unit(COMPOSE)
    assert "down --timeout 20\n" in text
    assert "TimeoutStopSec=70\n" in text


@pytest.mark.sandbox
def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed here")
    path = tmp_path / UNIT
    # The program is there on a host only: any other one stands for it.
    path.write_text(
        unit(COMPOSE)
        .replace("/usr/bin/podman-compose", "/bin/true")
        .replace("/srv/liferaft/app", "/")
    )
    argv = ["systemd-analyze", "verify", "--man=no", str(path)]
    verified = subprocess.run(argv, capture_output=True, text=True, timeout=100, check=False)
    complaints = [line for line in verified.stderr.splitlines() if UNIT in line]
    assert verified.returncode == 0, verified.stderr
    assert complaints == []


def test_ports_of_an_address_that_comes_later_are_taken_at_every_boot() -> None:
    """A private address may come by DHCP after the containers: podman would start none of them."""
    web = Service("chirp:1", ports=("127.0.0.1:8080:80", "8081:81"))
    assert "sysctl" not in unit(Compose({"web": web}))
    private = Service("chirp:1", ports=("10.20.1.12:8080:80",))
    lines = unit(Compose({"web": private})).splitlines()
    before = lines.index("ExecStartPre=/usr/sbin/sysctl --quiet net.ipv4.ip_nonlocal_bind=1")
    assert lines[before + 1].startswith("ExecStart=")
