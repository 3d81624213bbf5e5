"""Each service of the Compose file runs somewhere, or is said to run nowhere."""

from pathlib import Path

from liferaft.compose.across import Station
from liferaft.compose.application import parse
from liferaft.compose.placing import contradictions, misplaced, unanswered

FILE = """\
services:
  web:
    image: chirp:1
    depends_on:
      - db
      - queue
  db:
    image: postgres:17
  queue:
    image: redis:7
  proxy:
    image: nginx:1
"""
COMPOSE = parse(FILE, Path("compose.yaml"))
WEB = Station(("web",), faces_users=True)


def test_every_service_that_runs_nowhere_is_told_with_its_line_and_the_way_out() -> None:
    found = [*misplaced(COMPOSE, [WEB], groups=["app", "work"])]
    assert [(one.problem.line, one.problem.key) for one in found] == [
        (7, "services.db"),
        (9, "services.queue"),
        (11, "services.proxy"),
    ]
    assert {one.problem.reason for one in found} == {"no server runs it"}
    assert '"db" in `runs` of [servers.app] or [servers.work]' in found[0].problem.valid
    assert 'unused = ["db"] under [app]' in found[0].problem.valid


def test_a_service_whose_place_is_taken_and_one_that_is_unused_need_no_server() -> None:
    there = [Station(("web", "queue"), faces_users=True)]
    assert not [*misplaced(COMPOSE, there, groups=["app"], replaced=["db"], unused=["proxy"])]


def test_a_service_that_is_out_of_reach_is_told_where_it_is_asked_for() -> None:
    there = [WEB, Station(("queue",))]
    (found,) = misplaced(COMPOSE, there, groups=["app"], replaced=["db"], unused=["proxy"])
    assert (found.problem.line, found.problem.key) == (4, "services.web.depends_on")
    assert 'expose: ["PORT"] under services.queue' in found.problem.valid


def test_what_is_unused_has_to_be_a_service_and_must_not_run() -> None:
    assert [*contradictions(COMPOSE, ["web"], ["proxy", "webb", "web"])] == [
        "app.unused names webb, which is no service of the Compose file",
        "app.unused names web, which servers are to run",
    ]


def test_an_open_port_has_to_lead_to_a_service_at_the_servers_own_address() -> None:
    file = "services: {git: {image: a, ports: ['2222:22', '127.0.0.1:25:25', '53:53/udp']}}"
    ports = {
        "2222/tcp": (range(2222, 2223), "tcp"),
        "50-60/udp": (range(50, 61), "udp"),
        "2222/udp": (range(2222, 2223), "udp"),
        "25/tcp": (range(25, 26), "tcp"),
    }
    compose = parse(file, Path("compose.yaml"))
    assert [*unanswered(compose, ["git"], ports)] == ["2222/udp", "25/tcp"]
    assert [*unanswered(compose, ["web"], ports)] == [*ports]
