"""The servers of a site that run services, as those of the Compose file meet them."""

from collections.abc import Callable
from pathlib import Path

from liferaft.compose.application import parse
from liferaft.config import Config
from liferaft.site import stations
from liferaft.site.outputs import ServerOutput, SiteOutputs
from liferaft.site.roster import roster

FILE = """\
services:
  web: {image: chirp:1, ports: ['127.0.0.1:8080:80']}
  worker: {image: chirp:1}
"""


def test_users_are_led_to_the_servers_that_run_what_faces_them_and_to_no_workers(
    wide: Config,
) -> None:
    whole = parse(FILE, Path("compose.yaml"))
    names = [seat.name for seat in stations.serving(roster(wide), whole)]
    assert names == ["app-1", "app-2", "app-3"]


def test_caddy_is_on_the_first_of_them_and_the_database_where_it_runs(
    configured: Callable[..., Config],
) -> None:
    small = configured(
        ('[servers.db]\ncpus = 2\nmemory = "4GiB"\nruns = ["postgres"]\n', ""),
        ('runs = ["web"]', 'runs = ["postgres", "web", "worker"]'),
    )
    (station,) = stations.planned(roster(small))
    assert (station.faces_users, station.has_database) == (True, True)


def test_each_server_has_the_private_address_that_the_site_gave_it(wide: Config) -> None:
    rows = [
        ServerOutput(seat.name, seat.group, f"192.0.2.{number}", f"10.0.0.{number}")
        for number, seat in enumerate(roster(wide).seats)
    ]
    there = stations.standing(roster(wide), SiteOutputs("192.0.2.99", tuple(rows), None))
    assert list(there) == ["app-1", "app-2", "app-3", "jobs-1", "jobs-2"]
    assert [one.address for one in there.values()] == [f"10.0.0.{number}" for number in range(1, 6)]
    assert [one.faces_users for one in there.values()] == [True, False, False, False, False]
