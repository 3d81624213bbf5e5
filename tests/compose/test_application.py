"""What the application's Compose file says is what runs, and all that is wrong is told at once."""

from pathlib import Path

import pytest

from liferaft.compose.application import Compose, only, parse, read
from liferaft.compose.findings import ComposeInvalid
from liferaft.compose.service import Mount, MountKind
from liferaft.config.problems import Problem

WHOLE = """\
services:
  web:
    image: localhost/chirp:1
    command: ["serve", "--workers", "2"]
    environment: {LOG: info, WORKERS: "010"}
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
    with pytest.raises(ComposeInvalid) as caught:
        accepted(text)
    return caught.value.problems


def test_what_a_service_says_is_what_runs() -> None:
    web = accepted(WHOLE).services["web"]
    assert web.command == ("serve", "--workers", "2")
    assert web.environment == (("LOG", "info"), ("WORKERS", "010"))
    assert web.ports == ("8080:8080",)
    assert web.volumes == (
        Mount(MountKind.VOLUME, "cache", "/var/cache/chirp", "cache"),
        Mount(MountKind.SERVER, "/srv/uploads", "/uploads", "/srv/uploads", ("ro",)),
    )
    assert (web.depends_on, web.init, web.user, web.working_dir, web.stop_grace_period) == (
        ("worker",),
        True,
        "1000:1000",
        "/srv",
        65,
    )


def test_what_is_written_short_and_what_is_written_long_is_the_same() -> None:
    short = accepted(
        """\
services:
  web:
    image: a
    ports: ["127.0.0.1:8080:80", "5000-5001:5000-5001/udp"]
    volumes: ["data:/data:ro"]
    environment: [A=1, B=true]
    command: serve --now
    depends_on: [db]
    extra_hosts: ["other:10.0.0.1"]
    ulimits: {nofile: 5}
    healthcheck: {test: curl x}
    tmpfs: /tmp
  db: {image: b}
volumes: {data: }
"""
    )
    long = accepted(
        """\
services:
  web:
    image: a:latest
    ports:
      - {target: 80, published: "8080", host_ip: 127.0.0.1, protocol: tcp, mode: host}
      - {target: 5000, published: 5000, protocol: udp}
      - {target: 5001, published: 5001, protocol: udp}
    volumes: [{type: volume, source: data, target: /data/, read_only: true}]
    environment: {A: 1, B: true}
    command: [serve, --now]
    depends_on: {db: {condition: service_started}}
    extra_hosts: {other: 10.0.0.1}
    ulimits: {nofile: {soft: 5, hard: 5}}
    healthcheck: {test: [CMD-SHELL, curl x]}
    tmpfs: [/tmp]
  db: {image: b}
volumes: {data: {driver: local}}
"""
    )
    assert short == long


def test_what_liferaft_does_by_itself_is_accepted() -> None:
    web = accepted(
        """\
version: "3.8"
name: mine
x-logging: &logging {driver: json-file, options: {max-size: 10m}}
services:
  web:
    image: ghcr.io/who/app
    container_name: my-web
    restart: unless-stopped
    logging: *logging
    pull_policy: always
    build: .
    networks: [front]
    labels: {traefik.enable: "false"}
networks: {front: {driver: bridge}}
"""
    ).services["web"]
    assert web.image == "ghcr.io/who/app:latest"
    assert web.names == ("my-web",), "other services may call it so"
    assert web.others == (("labels", ("traefik.enable=false",)),)


def test_a_variable_may_be_called_by_a_word_that_yaml_takes_for_true_or_false() -> None:
    text = "services: {web: {image: 'a:1', environment: {NO: 'x', ON: 'y', Null: 'z'}}}"
    web = accepted(text).services["web"]
    assert web.environment == (("NO", "x"), ("ON", "y"), ("Null", "z"))


def test_numbers_and_words_are_told_as_compose_tells_them() -> None:
    text = "services: {web: {image: 'a:1', environment: {A: yes, B: true, C: 1.10, D: 22:22}}}"
    told = dict(accepted(text).services["web"].environment)
    assert told == {"A": "yes", "B": "true", "C": "1.1", "D": "22:22"}


def test_a_server_is_given_only_what_it_runs() -> None:
    cut = only(accepted(WHOLE), ["worker", "postgres"])
    assert list(cut.services) == ["worker"]
    assert cut.images == {"localhost/chirp:1"}
    assert cut.stop_seconds == 10
    assert cut.volumes == ()


def test_of_services_that_no_server_runs_nothing_is_asked() -> None:
    text = WHOLE + "  \nx-more: &more {}\n"
    proxy = "  proxy: {build: ., privileged: true, volumes: ['/var/run/docker.sock:/x']}\n"
    text = WHOLE.replace("services:\n", f"services:\n{proxy}")
    assert len(refused(text)) == 3
    assert "web" in parse(text, Path("compose.yaml"), runs=["web", "worker"]).services


def test_all_problems_are_told_at_once_with_their_lines_and_what_to_write_instead() -> None:
    problems = refused(
        """\
services:
  web:
    build: .
    ports: ["80"]
    init: "maybe"
    privileged: true
    imagee: x
  worker:
    command: work
networks: {default: {external: true}}
other: {}
"""
    )
    assert [(problem.line, problem.key) for problem in problems] == [
        (3, "services.web.build"),
        (4, "services.web.ports"),
        (5, "services.web.init"),
        (6, "services.web.privileged"),
        (7, "services.web.imagee"),
        (8, "services.worker.image"),
        (10, "networks.default.external"),
        (11, "other"),
    ]
    assert all(problem.reason and problem.valid for problem in problems)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("environment: ['A=${HOME}']", "HOME is set nowhere"),
        ("environment: [A]", "A has no value"),
        ("environment: {1A: b}", "not a variable's name"),
        ("env_file: secret.env", "secret.env cannot be read"),
        ("volumes: ['~/data:/data']", "is no folder of a server"),
        ("volumes: [./data:/data:ro]", "./data is not there"),
        ("volumes: ['/run/docker.sock:/run/docker.sock:ro']", "whoever has it has the server"),
        ("volumes: ['/:/host']", "the whole server would be in the container"),
        ("volumes: [{type: npipe, source: a, target: /a}]", "is not made here"),
        ("restart: on-failure:3", "does not tell whether the service ends"),
        ("deploy: {replicas: 2}", "a server has one container of a service"),
        ("network_mode: host", "a part of its server"),
        ("secrets: [key]", "'key' is not declared"),
        ("healthcheck: {test: [curl, x]}", "the test is none"),
        ("mem_limit: lots", "is no size"),
        ("volumes: [data:/data]", "is not declared"),
        ("ports: ['99999:80']", "is no port"),
        ("ports: ['1.2.3.999:80:80']", "has no IPv4 address"),
        ("ports: 8080:8080", "is not a list"),
        ("depends_on: [web]", "is not another service"),
        ("depends_on: {db: {condition: service_healthy}}", "is not another service"),
        ("stop_grace_period: 1h", "is longer than a move waits"),
        ("working_dir: srv", "is not an absolute path"),
        ("user: [a]", "a list is no text"),
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
        ("ports: ['٣٣:٣٣']", "publishes no port"),
        ("stop_grace_period: ٣s", "is not a duration"),
        ("environment: {DATABASE_URL: postgresql://old}", "is delivered by liferaft"),
        ("environment: ['LIFERAFT_SITE=nowhere']", "is delivered by liferaft"),
        ("environment: {APP_SECRET_KEY: old}", "is delivered by liferaft"),
        ("environment: {PASSWORD: env/SMTP_PASSWORD}", "are not filled in here"),
        ("environment: ['PASSWORD=env/SMTP_PASSWORD']", "are not filled in here"),
        ("environment: {A: x, A: y}", "'A' is there twice"),
        ('environment: {A: "\\ud800"}', "holds a control character"),
        ('environment: {A: "\\e[31m"}', "holds a control character"),
        ('environment: {A: "x\\r"}', "holds a line break"),
        ("init: !!int abc", "is neither true nor false"),
    ],
)
def test_a_value_that_would_be_misread_on_the_server_is_refused(line: str, reason: str) -> None:
    problems = refused(f"services:\n  web:\n    image: chirp:1\n    {line}\n")
    assert len(problems) == 1
    assert reason in problems[0].reason


@pytest.mark.parametrize("name", ["web app", "über", "a/b", "", "-a", "a" * 64])
def test_a_service_whose_container_could_not_have_its_name_is_refused(name: str) -> None:
    (problem,) = refused(f'services:\n  "{name}":\n    image: a:1\n')
    assert "is not a name of a service" in problem.reason
    assert problem.line == 2


def test_one_mistake_in_a_service_does_not_hide_the_next() -> None:
    found = refused(
        "services:\n"
        "  a: {image: 'a:1', restarts: always, depends_on: [b]}\n"
        "  b: {depends_on: [a, nobody], ports: ['22:22'], user: '!', volumes: ['/x:/y', '/z:/y']}\n"
    )
    assert [(problem.line, problem.key, problem.reason) for problem in found] == [
        (2, "services.a.depends_on", "they wait for each other: a → b → a"),
        (2, "services.a.restarts", "the Compose specification has no such key"),
        (3, "services.b.depends_on", "'nobody' is not another service"),
        (3, "services.b.image", "missing"),
        (3, "services.b.ports", "'22:22' is the port of the server's own SSH"),
        (3, "services.b.user", "'!' is not a user"),
        (3, "services.b.volumes", "/y is mounted twice"),
    ]


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
