"""What the name of a vendor stands for when a drill is to be played without it."""

from collections.abc import Callable

import pytest

from liferaft.config import Config
from liferaft.failures import BadInput
from liferaft.moves.missing import (
    deniable,
    missing_vendors,
    picked,
    surprises,
)

Configured = Callable[..., Config]
DEPOT = """\
[vaults.depot]
url = "s3://second"
endpoint = "https://objects.depot.test:8443"

[sites.east]"""
AT_AWS = """\
[vaults.depot]
url = "s3://second"

[sites.east]"""
ROUTE53 = 'class = "octodns_route53.Route53Provider"\naccess_key_id = '
ONE = 'class = "octodns_powerdns.PowerDnsProvider"\nhost = "192.0.2.1"\napi_key = '


@pytest.fixture
def two(configured: Configured) -> Config:
    """Two vaults at neutral vendors, of which one is a store."""
    return configured(("[sites.east]", DEPOT))


def test_all_that_the_configuration_names_can_be_denied_but_where_it_plays(two: Config) -> None:
    assert deniable(two, "north") == ("main", "depot", "one", "aws", "ca", "mirror", "registry")
    assert "hetzner" in deniable(two, "east")


@pytest.mark.parametrize("name", ["mars", "hetzner"])
def test_a_name_that_cannot_be_denied_is_told_with_those_that_can(two: Config, name: str) -> None:
    with pytest.raises(BadInput) as raised:
        missing_vendors(two, "north", ["main", name])
    assert name in raised.value.facts.happened
    assert "main, depot, one, aws, ca, mirror, registry" in raised.value.facts.do


def test_a_vault_is_denied_to_servers_by_its_host_and_port(two: Config) -> None:
    found = missing_vendors(two, "north", ["depot"])
    assert found.vaults == ("depot",)
    assert [str(one) for one in found.called] == ["objects.depot.test:8443"]
    assert "goes by main alone" in found.told[0]


def test_without_any_vault_it_says_that_none_is_left(two: Config) -> None:
    found = missing_vendors(two, "north", ["depot", "main", "depot"])
    assert found.names == ("depot", "main")
    assert found.vaults == ("main", "depot"), "in the order of liferaft.toml"
    assert "no vault is left" in found.told[0]


def test_vaults_at_one_host_are_denied_together_or_not_at_all(configured: Configured) -> None:
    third = DEPOT.replace("depot]", "third]").replace("second", "third").replace("[sites.east]", "")
    config = configured(("[sites.east]", third + DEPOT))
    with pytest.raises(BadInput, match="at the same host"):
        missing_vendors(config, "north", ["depot"])
    assert missing_vendors(config, "north", ["depot", "third"]).vaults == ("third", "depot")
    assert surprises(config, "north") == ("main", "mirror")


def test_a_vault_of_the_standbys_own_vendor_is_not_denied_alone(configured: Configured) -> None:
    config = configured(("[sites.east]", AT_AWS))
    with pytest.raises(BadInput, match="a store of whoever east is at"):
        missing_vendors(config, "east", ["depot"])
    assert "depot" not in surprises(config, "east")


def test_a_cloud_is_denied_with_all_that_it_is_besides(configured: Configured) -> None:
    config = configured(("[sites.east]", AT_AWS), (ONE, ROUTE53))
    found = missing_vendors(config, "north", ["aws"])
    assert found.vaults == ("depot",)
    assert "amazonaws.com" in found.hosts
    assert any("DNS vendor one" in said for said in found.told)
    assert "aws" in surprises(config, "north")


def test_a_vault_that_is_called_like_the_cloud_where_it_plays_is_that_vault_alone(
    configured: Configured,
) -> None:
    named = DEPOT.replace("depot]", "hetzner]")
    found = missing_vendors(configured(("[sites.east]", named)), "north", ["hetzner"])
    assert found.vaults == ("hetzner",)
    assert not found.hosts, "the drill asks its own cloud"


def test_what_no_drill_asks_is_told_as_changing_nothing(two: Config) -> None:
    told = missing_vendors(two, "north", ["one", "registry"]).told
    assert all("nothing is different here" in said for said in told)
    assert missing_vendors(two, "north", ["one"]).hosts == ("192.0.2.1",)


def test_the_authority_is_called_by_servers_to_be_turned_away(two: Config) -> None:
    found = missing_vendors(two, "north", ["ca"])
    assert [str(one) for one in found.called] == ["acme-v02.api.letsencrypt.org:443"]
    assert found.hosts == ("acme-v02.api.letsencrypt.org",)


def test_a_seed_picks_the_same_every_time_and_the_next_one_another(two: Config) -> None:
    assert surprises(two, "north") == ("main", "depot", "mirror")
    assert [picked(two, "north", seed) for seed in range(4)] == ["main", "depot", "mirror", "main"]


def test_an_only_vault_is_no_surprise(config: Config) -> None:
    assert surprises(config, "north") == ("mirror",)
