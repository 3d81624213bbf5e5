"""Services of one application on several servers: what is published, and who is known by name."""

from pathlib import Path

from liferaft.compose.across import Station, listens_privately, on_station, ports_of, unreachable
from liferaft.compose.application import Compose, parse

WEB = Station(("web",), "10.0.0.11", faces_users=True)
SECOND = Station(("web",), "10.0.0.12")
WORK = Station(("worker", "queue"), "10.0.1.11")
FILE = """\
services:
  web:
    image: chirp:1
    ports: ["127.0.0.1:8080:8000"]
    depends_on: [queue]
  worker:
    image: chirp:1
    depends_on: [queue]
  queue:
    image: redis:7
    expose: ["6379"]
    container_name: chirp-redis
"""


def compose(text: str = FILE) -> Compose:
    return parse(text, Path("compose.yaml"))


def hosts(there: Compose, name: str) -> tuple[str, ...]:
    return dict(there.services[name].others).get("extra_hosts", ())


def test_on_a_site_of_one_such_server_nothing_is_changed() -> None:
    alone = Station(("web", "worker", "queue"), "10.0.0.11", faces_users=True)
    assert on_station(compose(), alone, [alone]) == compose()
    assert not listens_privately(compose())


def test_caddy_finds_the_application_of_another_server_at_its_private_address() -> None:
    stations = [WEB, SECOND]
    assert on_station(compose(), SECOND, stations).services["web"].ports == ("10.0.0.12:8080:8000",)
    assert on_station(compose(), WEB, stations).services["web"].ports == ("127.0.0.1:8080:8000",)


def test_a_port_that_is_published_at_every_address_stays_as_the_file_has_it() -> None:
    text = FILE.replace("127.0.0.1:8080:8000", "8080:8000")
    there = on_station(compose(text), SECOND, [WEB, SECOND])
    assert there.services["web"].ports == ("8080:8000",)
    assert not listens_privately(there)


def test_a_service_of_another_server_is_reached_by_its_names_at_its_own_ports() -> None:
    stations = [WEB, WORK]
    web, work = (on_station(compose(), here, stations) for here in stations)
    assert work.services["queue"].ports == ("10.0.1.11:6379:6379",)
    assert {"queue:10.0.1.11", "chirp-redis:10.0.1.11", "worker:10.0.1.11"} == {*hosts(web, "web")}
    assert hosts(work, "worker") == ("web:10.0.0.11",)
    assert listens_privately(work)


def test_a_service_beside_it_is_found_by_podman_and_not_across() -> None:
    work = on_station(compose(), WORK, [WEB, WORK])
    assert not [one for one in hosts(work, "worker") if one.startswith("queue:")]


def test_the_application_itself_is_reached_from_workers_at_its_own_port() -> None:
    web = on_station(compose(), WEB, [WEB, WORK])
    assert web.services["web"].ports == ("127.0.0.1:8080:8000", "10.0.0.11:8000:8000")


def test_of_several_servers_with_a_service_each_begins_with_another_one() -> None:
    first, second = (Station(("worker",), f"10.0.2.{host}") for host in (11, 12))
    stations = [WEB, SECOND, first, second]
    told = {here.address: hosts(on_station(compose(), here, stations), "worker")
            for here in (first, second)}  # fmt: skip
    assert told["10.0.2.11"] == ("web:10.0.0.11", "web:10.0.0.12")
    assert set(told["10.0.2.12"]) == set(told["10.0.2.11"])


def test_an_address_that_the_file_gives_a_name_stays() -> None:
    text = FILE.replace("    depends_on: [queue]\n", "    extra_hosts: ['queue:192.0.2.7']\n", 1)
    web = on_station(compose(text), WEB, [WEB, WORK])
    assert [one for one in hosts(web, "web") if one.startswith("queue:")] == ["queue:192.0.2.7"]


def test_what_is_somebody_elses_on_the_server_is_published_for_nobody() -> None:
    text = FILE.replace('"6379"', '"5432", "22", "53/udp", "7000-7001"')
    here = Station(("worker", "queue"), "10.0.1.11", has_database=True)
    ports = on_station(compose(text), here, [WEB, here]).services["queue"].ports
    assert ports == (
        "10.0.1.11:53:53/udp",
        "10.0.1.11:7000:7000",
        "10.0.1.11:7001:7001",
    )


def test_one_port_of_a_server_is_given_to_one_service() -> None:
    text = FILE.replace(
        "    image: chirp:1\n    depends_on", "    image: a\n    expose: [6379]\n    depends_on"
    )
    there = on_station(compose(text), WORK, [WEB, WORK])
    published = [port for each in there.services.values() for port in each.ports]
    assert [port for port in published if ":6379:" in port] == ["10.0.1.11:6379:6379"]


def test_what_the_file_publishes_everywhere_is_not_published_again() -> None:
    text = FILE.replace('    expose: ["6379"]\n', '    ports: ["6379:6379"]\n')
    assert on_station(compose(text), WORK, [WEB, WORK]).services["queue"].ports == ("6379:6379",)


def test_a_service_tells_its_ports_by_expose_and_by_what_it_publishes() -> None:
    text = "services: {a: {image: a, ports: ['9:80', '9:53/udp'], expose: ['80/tcp', 90]}}"
    assert ports_of(compose(text).services["a"]) == ((80, "tcp"), (53, "udp"), (90, "tcp"))


def test_who_starts_after_a_service_that_tells_no_port_would_never_reach_it() -> None:
    stations = [WEB, WORK]
    assert not [*unreachable(compose(), stations, ["web", "worker", "queue"])]
    silent = compose(FILE.replace('    expose: ["6379"]\n', ""))
    (found,) = unreachable(silent, stations, ["web", "worker", "queue"])
    assert found[:2] == ("web", "queue")
    assert "says no port" in found[2]


def test_who_starts_after_a_service_whose_port_is_taken_would_never_reach_it() -> None:
    here = Station(("worker", "queue"), has_database=True)
    taken = compose(FILE.replace('"6379"', '"5432"'))
    (found,) = unreachable(taken, [WEB, here], ["web", "worker", "queue"])
    assert "port 5432 is something else's" in found[2]
