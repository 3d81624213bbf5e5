"""Servers call missing vendors by address too, but for one that somebody else has as well."""

from collections.abc import Callable

from liferaft.config import Config
from liferaft.moves.missing import missing_vendors
from liferaft.moves.missing_hosts import with_addresses

Configured = Callable[..., Config]
HERE = """\
[vaults.depot]
url = "s3://second"
endpoint = "https://localhost:8443"

[sites.east]"""


def called(config: Config) -> list[str]:
    missing = with_addresses(missing_vendors(config, "north", ["depot"]), config)
    return [str(one) for one in missing.called]


def test_a_vault_is_called_by_name_and_by_address(configured: Configured) -> None:
    found = called(configured(("[sites.east]", HERE)))
    assert found == ["localhost:8443", "127.0.0.1:8443"]


def test_an_address_that_may_be_called_for_another_ones_sake_is_not(configured: Configured) -> None:
    allow = '[drill]\nallow = ["127.0.0.1:443"]\n\n'
    found = called(configured(("[sites.east]", allow + HERE)))
    assert found == ["localhost:8443"]


def test_a_name_that_nobody_knows_is_called_by_name_alone(configured: Configured) -> None:
    found = called(configured(("[sites.east]", HERE.replace("localhost", "nowhere.invalid"))))
    assert found == ["nowhere.invalid:8443"]
