"""Which servers a site has, from the configuration alone."""

from collections.abc import Callable

import pytest

from liferaft.config import Config
from liferaft.failures import BadInput
from liferaft.site.roster import roster


def test_servers_are_numbered_within_their_group(wide: Config) -> None:
    names = [seat.name for seat in roster(wide).seats]
    assert names == ["db-1", "app-1", "app-2", "app-3", "jobs-1", "jobs-2"]


def test_the_edge_stands_on_the_first_server_of_the_application(wide: Config) -> None:
    assert roster(wide).edge.name == "app-1"


def test_the_database_server_runs_nothing_of_the_application(wide: Config) -> None:
    seats = roster(wide)
    assert seats.database.name == "db-1"
    assert seats.database not in seats.app


def test_one_server_may_run_everything(configured: Callable[..., Config]) -> None:
    small = configured(
        ('[servers.db]\ncpus = 2\nmemory = "4GiB"\nruns = ["postgres"]\n', ""),
        ('runs = ["web"]', 'runs = ["postgres", "web", "worker"]'),
    )
    (seat,) = roster(small).seats
    assert seat == roster(small).database == roster(small).edge
    assert seat.services == ("web", "worker")


def test_an_application_that_nothing_runs_is_told(configured: Callable[..., Config]) -> None:
    empty = configured(
        ('[servers.app]\ncpus = 2\nmemory = "512MiB"\nruns = ["web"]\n', ""),
        ('sizes = { app = "cx32" }\n', ""),
    )
    with pytest.raises(BadInput, match="No server runs a service") as caught:
        roster(empty)
    assert 'runs = ["web"]' in caught.value.facts.do


def test_an_application_without_its_database_server_is_told(
    configured: Callable[..., Config],
) -> None:
    without = configured(
        ('[servers.db]\ncpus = 2\nmemory = "4GiB"\nruns = ["postgres"]\n', ""),
        ('[data.db]\nkind = "postgres"\n', ""),
    )
    with pytest.raises(BadInput, match="No server runs a database"):
        roster(without)
