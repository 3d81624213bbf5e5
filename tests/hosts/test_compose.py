"""The Compose subset: what is accepted, and how everything else is refused at once."""

from pathlib import Path

import pytest
import yaml

from liferaft.config.problems import ConfigInvalid, Problem
from liferaft.hosts.compose import Compose, only, parse, read, render
from liferaft.hosts.compose_keys import SERVICE_KEYS, markdown_table

ROOT = Path(__file__).parents[2]
WHOLE = """\
services:
  web:
    image: localhost/chirp:1
    command: ["serve", "--workers", "2"]
    environment: {LOG: info, WORKERS: 010}
    env_file: app.env
    ports: [8080:8080]
    volumes: ["cache:/var/cache/chirp", "/srv/uploads:/uploads:ro"]
    depends_on: [worker]
    init: true
    user: 1000:1000
    working_dir: /srv
    stop_grace_period: 1m5s
  worker:
    image: localhost/chirp:1
    command: work
volumes:
  cache:
"""


def accepted(text: str) -> Compose:
    return parse(text, Path("compose.yaml"))


def refused(text: str) -> tuple[Problem, ...]:
    with pytest.raises(ConfigInvalid) as caught:
        accepted(text)
    return caught.value.problems


def test_every_key_of_the_table_is_accepted() -> None:
    web = accepted(WHOLE).services["web"]
    used = yaml.safe_load(WHOLE)["services"]["web"]
    assert set(used) == {key.name for key in SERVICE_KEYS}
    assert web.command == ("serve", "--workers", "2")
    assert web.stop_grace_period == 65
    assert web.user == "1000:1000"


def test_numbers_stay_as_they_are_written() -> None:
    web = accepted(WHOLE.replace("8080:8080", "22:22")).services["web"]
    assert web.ports == ("22:22",)
    assert dict(web.environment)["WORKERS"] == "010"


def test_what_is_rendered_means_the_same_to_any_yaml_reader() -> None:
    written = yaml.safe_load(render(accepted(WHOLE.replace("8080:8080", "22:22"))))
    assert written["services"]["web"]["ports"] == ["22:22"]
    assert written["services"]["web"]["environment"] == {"LOG": "info", "WORKERS": "010"}
    assert written["volumes"] == {"cache": {}}


def test_every_service_gets_the_variables_and_comes_back_after_a_crash() -> None:
    for service in yaml.safe_load(render(accepted(WHOLE)))["services"].values():
        assert service["env_file"] == ["app.env"]
        assert service["restart"] == "always"


def test_a_server_is_given_only_what_it_runs() -> None:
    cut = only(accepted(WHOLE), ["web", "postgres"])
    written = yaml.safe_load(render(cut))
    assert list(written["services"]) == ["web"]
    assert "depends_on" not in written["services"]["web"]
    assert cut.images == {"localhost/chirp:1"}
    assert cut.stop_seconds == 65


def test_all_problems_are_told_at_once_with_their_lines() -> None:
    problems = refused(
        """\
version: "3"
services:
  web:
    image: chirp
    build: .
    ports: ["80"]
    init: "yes"
  worker:
    command: work
x-common: {}
"""
    )
    assert [(problem.line, problem.key) for problem in problems] == [
        (1, "version"),
        (4, "services.web.image"),
        (5, "services.web.build"),
        (6, "services.web.ports"),
        (7, "services.web.init"),
        (8, "services.worker.image"),
        (10, "x-common"),
    ]
    assert all(problem.reason and problem.valid for problem in problems)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("environment: ['A=${HOME}']", "variables are not filled in"),
        ("environment: {A: yes}", "not a string; quote it"),
        ("environment: [A]", "has no value"),
        ("environment: {1A: b}", "not a variable's name"),
        ("env_file: secret.env", "would not be on the server"),
        ("volumes: [./data:/data]", "neither a named volume nor an absolute path"),
        ("volumes: [data:/data]", "is not declared"),
        ("ports: ['99999:80']", "does not publish one port"),
        ("ports: ['1.2.3.999:80:80']", "has no IPv4 address"),
        ("ports: 8080:8080", "is not a list"),
        ("depends_on: [web]", "is not another service"),
        ("depends_on: {db: {condition: service_healthy}}", "is not a list"),
        ("stop_grace_period: 1h", "is not a duration"),
        ("working_dir: srv", "is not an absolute path"),
        ("user: [a]", "is not a string"),
        ("image: again:1", "is there twice"),
    ],
)
def test_a_value_that_would_be_misread_on_the_server_is_refused(line: str, reason: str) -> None:
    problems = refused(f"services:\n  web:\n    image: chirp:1\n    {line}\n")
    assert len(problems) == 1
    assert reason in problems[0].reason


@pytest.mark.parametrize("text", ["", "services: []", "[a", "a: \x01", "services: {web: x}", "a"])
def test_what_is_no_compose_file_is_refused_with_a_line(text: str) -> None:
    assert refused(text)[0].line >= 1


def test_a_file_is_read_from_disk(tmp_path: Path) -> None:
    path = tmp_path / "compose.yaml"
    path.write_text(WHOLE)
    assert set(read(path).services) == {"web", "worker"}


def test_the_documentation_shows_the_accepted_subset() -> None:
    assert markdown_table() in (ROOT / "docs" / "compose.md").read_text()
