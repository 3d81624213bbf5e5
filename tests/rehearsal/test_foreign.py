"""An application of somebody else's Compose file, which dials a database of that file by its name,
with a user, a password and a database of its own, lives on at another cloud."""

import json
import os
import sys
import time
from pathlib import Path

import pytest
from tests.rehearsal.desk import Desk

from liferaft_sandbox.rehearsal.scene import set_scene
from liferaft_sandbox.sandboxes import Sandbox

PASSWORD = "the-password-of-the-file-58c1"
COMPOSE = """\
services:
  web:
    image: localhost/chirp:latest
    ports: ["127.0.0.1:8080:8080"]
    volumes: ["/etc/liferaft/ca.crt:/etc/liferaft/ca.crt:ro"]
    environment:
      DATABASE_URL: postgresql://${DB_USER}:${DB_PASSWORD}@birds:5432/${DB_NAME}
    depends_on: {db: {condition: service_healthy}}
    restart: unless-stopped
  db:
    image: postgres:17-alpine
    container_name: birds
    restart: unless-stopped
    environment:
      POSTGRES_USER: ${DB_USER}
      POSTGRES_PASSWORD: ${DB_PASSWORD}
      POSTGRES_DB: ${DB_NAME}
      POSTGRES_INITDB_ARGS: --locale=C
    command: postgres -c shared_buffers=96MB -c max_connections=150
    volumes: ["rows:/var/lib/postgresql/data"]
    healthcheck: {test: [CMD-SHELL, "pg_isready -U ${DB_USER}"], interval: 5s}
volumes: {rows: }
"""
VARIABLES = f"DB_USER=Feeder\nDB_PASSWORD={PASSWORD}\nDB_NAME=feeds\n"
pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.timeout(2400),
    pytest.mark.skipif(os.geteuid() != 0, reason="real hosts need root"),
]


@pytest.fixture
def desk(sandbox: Sandbox, project: Path, image: Path, tmp_path: Path) -> Desk:
    folder = set_scene(project, image, tmp_path)
    (folder / "compose.yaml").write_text(COMPOSE)
    (folder / ".env").write_text(VARIABLES)
    toml = folder / "liferaft.toml"
    kind = 'kind = "postgres"'
    assert kind in toml.read_text()
    asked = f'{kind}\nservice = "db"'
    toml.write_text(toml.read_text().replace(kind, asked))
    return Desk(sandbox.state.name, folder, tmp_path / "state")


def done(desk: Desk, *command: str) -> str:
    code, said = desk.run(*command, "--yes")
    sys.stderr.write(said)
    assert code == 0, said
    assert PASSWORD not in said
    return said


def test_it_writes_on_after_a_failover_and_nobody_sees_its_password(
    sandbox: Sandbox, desk: Desk
) -> None:
    with desk.watching():
        done(desk, "deploy", "aws-east")
    code, said = desk.run("deploy", "aws-east", "--yes", "--json")
    again, _ = json.JSONDecoder().raw_decode(said[said.index("{") :])
    assert (code, again["changed"]) == (0, [])
    users = desk.users(sandbox)
    with users.at_work(7):
        users.await_writes()
        archived = time.time()
        done(desk, "snapshot")
        said = done(desk, "drill", "hetzner")
        assert "A failover to hetzner would have worked" in said
        facts = {one["name"]: one["facts"] for one in desk.ask("report")["steps"]}
        assert any("every digest is that of" in one for one in facts["digests-db"]["checked"])
        sandbox.supervisor.terminate("aws")
        with desk.watching():
            done(desk, "failover", "hetzner")
        users.await_writes(count=40)
    found = users.read_back()
    sys.stderr.write(f"{found}\n")
    assert found["acknowledged"] >= 40
    assert found["altered"] == found["unanswered"] == 0
    assert (found["first_lost_at"] or time.time()) > archived, "what was archived is there"
    assert (desk.status()["epoch"], desk.status()["site"]) == (2, "hetzner")
    assert not [one for one in desk.seen if PASSWORD.encode() in one], "in a command line"
    assert not kept_in_clear(desk), "in what the laptop keeps"


def kept_in_clear(desk: Desk) -> list[Path]:
    """Files of the operator's state, journals among them, that hold the password."""
    files = (one for one in desk.state.rglob("*") if one.is_file())
    return [one for one in files if PASSWORD.encode() in one.read_bytes()]
