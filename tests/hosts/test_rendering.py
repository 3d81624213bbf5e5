"""The Compose file that a server is given means the same to podman-compose of every release."""

from pathlib import Path

import yaml

from liferaft.compose.application import Compose, only, parse
from liferaft.hosts.rendering import render

TEXT = """\
services:
  web:
    image: localhost/chirp:1
    command: ["sh", "-c", "echo $$HOME; exec serve"]
    environment: {LOG: info}
    env_file: app.env
    ports: [33:33]
    volumes: ["cache:/var/cache/chirp", "/srv/uploads:/uploads:ro"]
    depends_on: [worker]
    healthcheck: {test: "true"}
  worker:
    image: localhost/chirp:1
volumes:
  cache:
"""


def whole() -> Compose:
    return parse(TEXT, Path("compose.yaml"))


def test_what_is_rendered_means_the_same_to_any_yaml_reader() -> None:
    written = yaml.safe_load(render(whole()))
    web = written["services"]["web"]
    assert web["ports"] == ["33:33"]
    assert web["volumes"] == ["cache:/var/cache/chirp", "/srv/uploads:/uploads:ro"]
    assert written["volumes"] == {"cache": {}}


def test_a_dollar_sign_is_written_as_podman_compose_wants_it() -> None:
    web = yaml.safe_load(render(whole()))["services"]["web"]
    assert web["command"] == ["sh", "-c", "echo $$HOME; exec serve"]
    assert whole().services["web"].command == ("sh", "-c", "echo $HOME; exec serve")


def test_every_service_comes_back_after_a_crash_and_podman_compose_reads_no_variables() -> None:
    for service in yaml.safe_load(render(whole()))["services"].values():
        assert service["restart"] == "always"
        assert service.keys().isdisjoint({"environment", "env_file"})


def test_what_podman_is_told_itself_podman_compose_is_not_told() -> None:
    assert "healthcheck" not in yaml.safe_load(render(whole()))["services"]["web"]


def test_a_service_waits_only_for_those_of_its_own_server() -> None:
    cut = only(whole(), ["web"])
    assert "depends_on" not in yaml.safe_load(render(cut))["services"]["web"]


def test_a_file_that_goes_with_it_lies_beside_it(tmp_path: Path) -> None:
    (tmp_path / "n.conf").write_text("x")
    text = "services: {web: {image: 'a:1', volumes: ['./n.conf:/etc/n.conf']}}"
    found = parse(text, tmp_path / "compose.yaml")
    (name,) = found.files
    assert yaml.safe_load(render(found))["services"]["web"]["volumes"] == [
        f"./{name}:/etc/n.conf:ro"
    ]
