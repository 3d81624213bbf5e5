"""Secrets of the application's own on a server, with real podman: told to whom the Compose file
tells them, in files that root alone can reach, and in no command line, image or journal."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.hosts.services import PATIENCE

from liferaft.compose.application import parse
from liferaft.compose.secret_values import with_values
from liferaft.hosts import running
from liferaft.hosts.workload import FOLDER, Workload

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]
TEXT = r"""
services:
  web:
    image: localhost/shell:1
    user: "1234"
    command:
      - /bin/sh
      - -c
      - |
        printf '%s\n' "$$URL"
        while IFS= read -r row; do printf '%s\n' "$$row"; done </run/secrets/tls.key
        exec /bin/sleep 1000
    environment: {URL: "smtp://app:${SMTP_PASSWORD}@mail"}
    secrets: [tls.key]
secrets: {tls.key: {external: true}}
"""
VALUES = {"SMTP_PASSWORD": "hush-$hush'1\\", "tls.key": "-----BEGIN\nhush-two\n-----END\n"}


async def test_a_variable_and_a_file_reach_the_container_and_nobody_else(
    container_host: Any,
) -> None:
    host, names = container_host, tuple(VALUES)
    marked = parse(TEXT, Path("/compose.yaml"), secrets=names)
    told = {"LIFERAFT_EPOCH": "1"}
    wanted = Workload(with_values(marked, VALUES), told, secrets=VALUES)
    await running.bring_up(host, wanted, seconds=PATIENCE)
    said = (await host.run(["podman", "logs", "app_web_1"])).stdout.decode()
    assert said == f"smtp://app:{VALUES['SMTP_PASSWORD']}@mail\n{VALUES['tls.key']}"
    assert "hush" not in wanted.struck(said)
    created = ["podman", "inspect", "--format", "{{.Config.CreateCommand}}", "app_web_1"]
    for seen in ((await host.run(created)).text, (await host.get("/run/unit.log")).decode()):
        assert "hush" not in seen
    assert (await host.run(["stat", "--format", "%a %U", FOLDER])).text == "700 root"
    assert await running.is_installed(host, wanted)

    anew = {**VALUES, "tls.key": "another\n"}
    changed = replace(wanted, compose=with_values(marked, anew), secrets=anew)
    assert not await running.is_installed(host, changed), "a new value of a file is a change"
    await running.bring_up(host, changed, seconds=PATIENCE)
    said = (await host.run(["podman", "logs", "app_web_1"])).stdout.decode()
    assert said.endswith("another\n")
