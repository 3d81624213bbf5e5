"""What a Compose file says is what a container on a server has.

Both limits of processes and files are named: where one is, podman of Debian 12 raises the other to
a million, which a machine of the tests may not.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.hosts.services import PATIENCE, logs

from liferaft.compose.application import Compose, filled_in, read
from liferaft.hosts import running
from liferaft.hosts.workload import Workload

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]
TEXT = """\
x-stays: &stays {restart: unless-stopped, stop_grace_period: 0s}
services:
  web:
    <<: *stays
    image: localhost/shell:${TAG:-0}
    container_name: the-web
    hostname: web-host
    entrypoint: ["/bin/sh", "-c"]
    command:
      - |
        echo "$$GREETING"
        while read -r line; do echo "$$line"; done < /etc/app.conf
        while read -r line; do echo "$$line"; done < /etc/conf.d/inner/b
        while read -r line; do echo "$$line"; done < /run/secrets/key
        echo x > /etc/app.conf || echo "only read"
        echo x > /kept/x && echo "kept"
        exec /bin/sleep 1000
    env_file: [web.env]
    environment: {GREETING: "hello ${WHO}"}
    volumes:
      - ./app.conf:/etc/app.conf
      - ./conf.d:/etc/conf.d:ro
      - ./data:/kept
    secrets: [key]
    tmpfs: /scratch
    labels: {about: "a b"}
    mem_limit: 64m
    ulimits: {nofile: {soft: 100, hard: 200}, nproc: 50}
    healthcheck: {test: [CMD, "/bin/sh", "-c", ":"], interval: 90s, retries: 4}
    depends_on: {worker: {condition: service_started}}
    read_only: true
    init: true
  worker:
    <<: *stays
    image: localhost/shell:1
    command: /bin/sleep 1000
    networks: {default: {aliases: [toiler]}}
secrets: {key: {file: ./key}}
"""

PLACED = """\
services:
  web:
    image: localhost/shell:1
    stop_grace_period: 0s
    command: [/bin/sh, -c, 'echo "$$DB_HOST $$KEY $$DATABASE_URL"; exec /bin/sleep 1000']
    environment:
      DB_HOST: ${liferaft:database.host}
      KEY: id:${liferaft:bucket.secret_key}
      DATABASE_URL: ${liferaft:database.url}?sslmode=disable
"""


@pytest.fixture
def application(tmp_path: Path) -> Compose:
    folder = tmp_path / "application"
    (folder / "conf.d" / "inner").mkdir(parents=True)
    for name, text in {
        "compose.yaml": TEXT,
        ".env": "TAG=1\nWHO='you $there'\n",
        "web.env": "GREETING=hidden\nMORE=1\n",
        "app.conf": "of the file\n",
        "conf.d/inner/b": "of the folder\n",
        "key": "hush\n",
    }.items():
        (folder / name).write_text(text)
    return read(folder / "compose.yaml")


async def test_a_container_is_as_the_file_says(container_host: Any, application: Compose) -> None:
    host, workload = container_host, Workload(application, {})
    await running.bring_up(host, workload, seconds=PATIENCE)
    assert await running.is_installed(host, workload)
    said = await logs(host, "app_web_1")
    assert said.splitlines()[:4] == ["hello you $there", "of the file", "of the folder", "hush"]
    assert said.splitlines()[-2:] == ["only read", "kept"]
    (seen,) = json.loads((await host.run(["podman", "inspect", "app_web_1"])).stdout)
    config, bounds = seen["Config"], seen["HostConfig"]
    assert config["Hostname"] == "web-host"
    assert config["Labels"]["about"] == "a b"
    assert config["Healthcheck"]["Test"] == ["CMD", "/bin/sh", "-c", ":"]
    assert config["Healthcheck"]["Interval"] == 90 * 10**9
    assert config["Healthcheck"]["Retries"] == 4
    assert bounds["Memory"] == 64 * 1024**2
    assert bounds["ReadonlyRootfs"]
    assert "/scratch" in bounds["Tmpfs"]
    assert {(one["Name"], one["Soft"], one["Hard"]) for one in bounds["Ulimits"]} >= {
        ("RLIMIT_NOFILE", 100, 200)
    }
    names = [
        name for one in seen["NetworkSettings"]["Networks"].values() for name in one["Aliases"]
    ]
    assert {"web", "the-web"} <= set(names)


async def test_a_container_has_under_its_own_names_what_stands_for_placeholders(
    container_host: Any, tmp_path: Path
) -> None:
    """Also where liferaft delivers the same name in another shape."""
    (tmp_path / "compose.yaml").write_text(PLACED)
    values = {
        "database.host": "10.20.1.11",
        "bucket.secret_key": "a $b/+'\"c",
        "database.url": "postgresql://chirp:pw@10.20.1.11/chirp",
    }
    delivered = {"DATABASE_URL": values["database.url"]}
    told = Workload(filled_in(read(tmp_path / "compose.yaml"), values), delivered)
    await running.bring_up(container_host, told, seconds=PATIENCE)
    assert (await logs(container_host, "app_web_1")).strip() == (
        "10.20.1.11 id:a $b/+'\"c postgresql://chirp:pw@10.20.1.11/chirp?sslmode=disable"
    )
    folder = "/srv/liferaft/app"
    shown = await container_host.run(f"grep -rlF 'a $b/+' {folder}; stat -c %a {folder}/environ*")
    assert shown.text.split() == [f"{folder}/environment.web", "600"]


async def test_another_content_of_a_file_is_another_release(
    container_host: Any, application: Compose, tmp_path: Path
) -> None:
    host = container_host
    await running.bring_up(host, Workload(application, {}), seconds=PATIENCE)
    (tmp_path / "application" / "app.conf").write_text("of another file\n")
    changed = Workload(read(tmp_path / "application" / "compose.yaml"), {})
    assert not await running.is_installed(host, changed)
    await running.bring_up(host, changed, seconds=PATIENCE)
    assert "of another file" in await logs(host, "app_web_1")
    assert len((await host.run("ls /srv/liferaft/app/files")).text.split()) == 3
