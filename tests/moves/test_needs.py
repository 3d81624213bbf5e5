"""A server of a plain Debian image gets what it needs for what it does, and no more."""

from liferaft.clouds.systems import DEFAULT_SYSTEM
from liferaft.config import Config
from liferaft.data.postgres.layout import cluster_of
from liferaft.moves.needs import packages
from liferaft.site.roster import Roster, Seat

POSTGRESQL = cluster_of(DEFAULT_SYSTEM).packages[0]
DATABASE = Seat("db-1", "db", (), ("postgres",))
EDGE = Seat("app-1", "app", ("web",))
SECOND = Seat("app-2", "app", ("web",))
ROSTER = Roster((DATABASE, EDGE, SECOND))


def test_the_database_server_gets_postgresql_and_its_archiver(config: Config) -> None:
    wanted = packages(config, ROSTER, DATABASE)
    assert {POSTGRESQL, "pgbackrest", "curl"} <= set(wanted)
    assert not {"podman", "caddy", "rclone"} & set(wanted)


def test_servers_that_copy_buckets_get_what_that_program_needs(config: Config) -> None:
    assert "python3-cryptography" in packages(config, ROSTER, DATABASE)
    assert "python3-cryptography" in packages(config, ROSTER, EDGE)
    assert "python3-cryptography" not in packages(config, ROSTER, SECOND)


def test_servers_of_the_application_get_containers_and_only_the_edge_gets_caddy(
    config: Config,
) -> None:
    assert {"podman", "podman-compose", "caddy", "rclone"} <= set(packages(config, ROSTER, EDGE))
    assert "podman" in packages(config, ROSTER, SECOND)
    assert "caddy" not in packages(config, ROSTER, SECOND)


def test_one_server_for_everything_gets_everything(config: Config) -> None:
    alone = Seat("all-1", "all", ("web",), runs=("postgres",))
    assert {POSTGRESQL, "podman", "caddy"} <= set(packages(config, Roster((alone,)), alone))
