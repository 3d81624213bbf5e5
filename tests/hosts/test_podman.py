"""The program between podman-compose and podman: what podman is told, whichever asks it."""

import os
import subprocess
from pathlib import Path

import pytest

from liferaft.compose.application import Compose
from liferaft.compose.service import Service
from liferaft.hosts.podman import SCRIPT
from liferaft.hosts.switching.files import PODMAN
from liferaft.hosts.workload import Workload

SHOWS = '#!/bin/sh\nfor word; do printf "%s\\n" "$word"; done\n'
"""A podman that says what it was told."""
LABELS = ("--label", "io.podman.compose.project=app", "--label", "com.docker.compose.service=web")


def told(folder: Path, *argv: str) -> list[str]:
    """The arguments of podman, `folder` being the workload's."""
    for path, text in ((folder / PODMAN, SCRIPT), (folder / "bin/podman", SHOWS)):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
    programs = f"{folder / 'bin'}:{os.environ['PATH']}"
    asked = [str(folder / PODMAN), *argv]
    done = subprocess.run(
        asked, env={"PATH": programs}, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize("act", ["run", "create"])
def test_podman_reads_the_files_of_a_service_and_those_of_no_other_the_services_own_last(
    tmp_path: Path, act: str
) -> None:
    for service in ("app.env", "environment.web", "environment.worker"):
        (tmp_path / service).touch()
    assert told(tmp_path, act, "--name=app_web_1", *LABELS, "localhost/shell:1") == [
        act,
        "--env-file",
        f"{tmp_path}/app.env",
        "--env-file",
        f"{tmp_path}/environment.web",
        "--name=app_web_1",
        *LABELS,
        "localhost/shell:1",
    ]


def test_a_service_that_is_told_nothing_of_its_own_gets_what_is_delivered(tmp_path: Path) -> None:
    (tmp_path / "app.env").touch()
    assert told(tmp_path, "run", *LABELS)[:3] == ["run", "--env-file", f"{tmp_path}/app.env"]


def test_a_container_stands_without_those_that_it_is_started_after(tmp_path: Path) -> None:
    tied = told(tmp_path, "run", "--requires=app_db_1,app_cache_1", *LABELS, "localhost/shell:1")
    assert tied == ["run", *LABELS, "localhost/shell:1"]
    assert told(tmp_path, "wait", "--condition=running", "app_db_1") == []


def test_what_the_application_is_started_with_stays_as_it_is(tmp_path: Path) -> None:
    command = ["--requires=x", "com.docker.compose.service=other", "$HOME ${X} `id`", "", "a\tb"]
    assert told(tmp_path, "run", *LABELS, "localhost/shell:1", *command)[-5:] == command


@pytest.mark.parametrize("argv", [("--version", ""), ("rm", "app_web_1"), ("network", "ls")])
def test_all_else_that_podman_compose_asks_goes_to_podman(
    tmp_path: Path, argv: tuple[str, ...]
) -> None:
    (tmp_path / "app.env").touch()
    assert told(tmp_path, *argv) == list(argv)


def test_what_podman_compose_is_not_told_stands_in_front_in_its_order(tmp_path: Path) -> None:
    (tmp_path / "app.env").touch()
    words = ("--dns=10.0.0.1", "--dns=10.0.0.2", '--entrypoint=["/bin/a b", "$c"]')
    web = Service("a:1", entrypoint=("/bin/a b", "$c"), others=(("dns", ("10.0.0.1", "10.0.0.2")),))
    files = Workload(Compose({"web": web}), {}).files(str(tmp_path))
    (options,) = (file for file in files if file.path.endswith("options.web"))
    (tmp_path / "options.web").write_bytes(options.content)
    found = told(tmp_path, "run", *LABELS, "localhost/shell:1")
    assert found == [
        *("run", words[2], *words[:2], "--env-file", f"{tmp_path}/app.env"),
        *(*LABELS, "localhost/shell:1"),
    ]
