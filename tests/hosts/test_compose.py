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
    web = accepted(WHOLE.replace("8080:8080", "33:33")).services["web"]
    assert web.ports == ("33:33",)
    assert dict(web.environment)["WORKERS"] == "010"


def test_a_variable_may_be_called_by_a_word_that_yaml_takes_for_true_or_false() -> None:
    text = "services: {web: {image: 'a:1', environment: {NO: 'x', ON: 'y', Null: 'z'}}}"
    web = accepted(text).services["web"]
    assert web.environment == (("NO", "x"), ("ON", "y"), ("Null", "z"))
    (problem,) = refused("services: {web: {image: 'a:1', environment: {YES: yes}}}")
    assert problem.reason == "the value of YES is not a string; quote it"


def test_what_is_rendered_means_the_same_to_any_yaml_reader() -> None:
    written = yaml.safe_load(render(accepted(WHOLE.replace("8080:8080", "33:33"))))
    assert written["services"]["web"]["ports"] == ["33:33"]
    assert dict(accepted(WHOLE).services["web"].environment) == {"LOG": "info", "WORKERS": "010"}
    assert written["volumes"] == {"cache": {}}


def test_every_service_comes_back_after_a_crash_and_podman_compose_reads_no_variables() -> None:
    for service in yaml.safe_load(render(accepted(WHOLE)))["services"].values():
        assert service["restart"] == "always"
        assert service.keys().isdisjoint({"environment", "env_file"})


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
        ("command: echo it's", "cannot be split into arguments: no closing quotation"),
        ('command: "it\'s # no comment"', "cannot be split into arguments"),
        ("command: trailing\\", "cannot be split into arguments: no escaped character"),
        ("volumes: ['/a:/b', '/c:/b/']", "/b is mounted twice"),
        ("volumes: ['/a:/b', '/c:/x/../b']", "/b is mounted twice"),
        ("volumes: ['/a:/..']", "would hide the whole image"),
        ("ports: ['80:8080']", "is the port of Caddy"),
        ("ports: ['443:8443']", "is the port of Caddy"),
        ("ports: ['443:8443/udp']", "is the port of Caddy"),
        ("ports: ['127.0.0.1:0443:443']", "is the port of Caddy"),
        ("ports: ['127.0.0.1:2019:1']", "is the port of Caddy's own commands"),
        ("ports: ['22:22']", "is the port of the server's own SSH"),
        ("ports: ['8080:80', '127.0.0.1:8080:81']", "is published already, by '8080:80'"),
        ("ports: ['٣٣:٣٣']", "does not publish one port"),
        ("stop_grace_period: ٣s", "is not a duration"),
        ("environment: {DATABASE_URL: postgresql://old}", "is delivered by liferaft"),
        ("environment: ['LIFERAFT_SITE=nowhere']", "is delivered by liferaft"),
        ("environment: {APP_SECRET_KEY: old}", "is delivered by liferaft"),
        ("environment: {PASSWORD: env/SMTP_PASSWORD}", "are not filled in here"),
        ("environment: ['PASSWORD=env/SMTP_PASSWORD']", "are not filled in here"),
        ("environment: ['A=x', 'A=y']", "sets a variable twice"),
        ("environment: {A: x, A: y}", "'A' is there twice"),
        ('environment: {A: "\\ud800"}', "holds a control character"),
        ('environment: {A: "\\e[31m"}', "holds a control character"),
        ('environment: {A: "x\\r"}', "holds a line break"),
        ("init: !!int abc", "does not fit its tag"),
        ("user: !!timestamp foo", "does not fit its tag"),
        ("user: !!bool maybe", "does not fit its tag"),
    ],
)
def test_a_value_that_would_be_misread_on_the_server_is_refused(line: str, reason: str) -> None:
    problems = refused(f"services:\n  web:\n    image: chirp:1\n    {line}\n")
    assert len(problems) == 1
    assert reason in problems[0].reason


def test_ports_that_only_look_alike_are_accepted() -> None:
    ports = ["53:53/udp", "53:53/tcp", "127.0.0.1:8080:80", "127.0.0.2:8080:81"]
    assert accepted(WHOLE.replace("[8080:8080]", str(ports))).services["web"].ports == tuple(ports)


@pytest.mark.parametrize(
    "image",
    [f"docker.io/valkey/valkey:8@sha256:{'a' * 64}", f"localhost/chirp@sha256:{'0' * 64}"],
)
def test_an_image_by_its_digest_is_refused_by_name_because_no_archive_keeps_it(image: str) -> None:
    (problem,) = refused(f"services:\n  web:\n    image: {image}\n")
    assert "names a digest, which an archive does not keep; name the tag alone" in problem.reason


@pytest.mark.parametrize("image", ["../x:y", "localhost/Chirp:1", "a//b:1", "é:1", "a:1:2"])
def test_an_image_that_podman_could_not_name_is_refused(image: str) -> None:
    assert len(refused(f"services:\n  web:\n    image: {image}\n")) == 1


@pytest.mark.parametrize("name", ["web app", "über", "a/b", "", "-a", "a" * 64])
def test_a_service_whose_container_could_not_have_its_name_is_refused(name: str) -> None:
    (problem,) = refused(f'services:\n  "{name}":\n    image: a:1\n')
    assert "is not a name of a service" in problem.reason
    assert problem.line == 2


def test_services_that_wait_for_each_other_are_told_once() -> None:
    rows = "".join(
        f"  {name}:\n    image: a:1\n    depends_on: [{after}]\n"
        for name, after in (("a", "b"), ("b", "c"), ("c", "a"), ("d", "a"))
    )
    (problem,) = refused(f"services:\n{rows}")
    assert problem.reason == "they wait for each other: a → b → c → a"


def test_one_mistake_in_a_service_does_not_hide_the_next() -> None:
    found = refused(
        "services:\n"
        "  a: {image: 'a:1', restart: always, depends_on: [b]}\n"
        "  b: {depends_on: [a, nobody], ports: ['22:22'], volumes: ['/x:/y', '/z:/y'], user: [1]}\n"
    )
    assert [(problem.line, problem.key, problem.reason) for problem in found] == [
        (2, "services.a.depends_on", "they wait for each other: a → b → a"),
        (2, "services.a.restart", "unknown key"),
        (3, "services.b.depends_on", "'nobody' is not another service"),
        (3, "services.b.image", "missing"),
        (3, "services.b.ports", "'22:22' is the port of the server's own SSH"),
        (3, "services.b.user", "a list is not a string; quote it"),
        (3, "services.b.volumes", "/y is mounted twice"),
    ]


def test_each_circle_of_services_is_told_and_a_long_way_to_one_too() -> None:
    after = {"s0": "s1", "s1": "a", "a": "b", "b": "a", "c": "d", "d": "c"}
    chain = {f"n{number}": f"n{number + 1}" for number in range(900)} | {"n900": "n0"}
    rows = "".join(
        f"  {name}: {{image: 'a:1', depends_on: [{other}]}}\n"
        for name, other in (after | chain).items()
    )
    found = refused(f"services:\n{rows}")
    circles = [problem.reason.partition(": ")[2].split(" → ") for problem in found]
    assert circles[:2] == [["a", "b", "a"], ["c", "d", "c"]]
    assert len(circles[2]) == len(chain) + 1


@pytest.mark.parametrize("text", ["[" * 2000 + "]" * 2000, "{a: " * 2000 + "1" + "}" * 2000])
def test_a_file_that_is_nested_too_deeply_is_refused(text: str) -> None:
    (problem,) = refused(f"# a comment\nservices: {text}")
    assert (problem.line, problem.reason) == (2, "is no YAML: nested more than 32 deep")


def test_lists_in_lists_without_brackets_are_bounded_too() -> None:
    assert refused(f"services:\n  {'- ' * 2000}a")[0].reason == "is nested too deeply"


def test_a_value_that_stands_for_millions_is_not_written_out() -> None:
    rows = "".join(
        f"      {n}: &{n} [{', '.join([f'*{o}'] * 9)}]\n"
        for o, n in zip("abcdefg", "bcdefgh", strict=True)
    )
    text = f"services:\n  web:\n    image: a:1\n    environment:\n      a: &a [x]\n{rows}"
    assert len(str(refused(text)[0])) < 300


@pytest.mark.parametrize("text", ["", "services: []", "[a", "a: \x01", "services: {web: x}", "a"])
def test_what_is_no_compose_file_is_refused_with_a_line(text: str) -> None:
    assert refused(text)[0].line >= 1


def test_a_file_is_read_from_disk(tmp_path: Path) -> None:
    path = tmp_path / "compose.yaml"
    path.write_text(WHOLE)
    assert set(read(path).services) == {"web", "worker"}


def test_the_documentation_shows_the_accepted_subset() -> None:
    assert markdown_table() in (ROOT / "docs" / "compose.md").read_text()
