import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from liferaft.failures import BadInput
from liferaft_sandbox import addresses
from liferaft_sandbox.rehearsal.scene import PAIRS, Pair, Scene, arranged

SAMPLE = Path(__file__).parents[3] / "stacks/liferaft_stacks/microblog/liferaft.toml"


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_one_site_of_the_sample_is_the_primary_and_nothing_else_changes(pair: Pair) -> None:
    before = tomllib.loads(SAMPLE.read_text())
    after = tomllib.loads(arranged(SAMPLE.read_text(), Scene(pair, system=None)))
    roles = {name: site.pop("role", None) for name, site in after["sites"].items()}
    assert {name for name, role in roles.items() if role} == {pair.primary}
    for site in before["sites"].values():
        site.pop("role", None)
    assert after == before


@pytest.mark.parametrize("system", [None, "debian-12"])
def test_the_release_of_servers_is_asked_for_where_it_is_not_the_default(
    system: str | None,
) -> None:
    app = tomllib.loads(arranged(SAMPLE.read_text(), Scene(system=system)))["app"]
    assert app.get("system") == system


def test_vaults_and_ttl_are_the_scenes() -> None:
    scene = Scene(vault_bucket="chirp-vault-two", ttl=15)
    after = tomllib.loads(arranged(SAMPLE.read_text(), scene))
    assert after["vaults"]["main"]["url"] == "s3://chirp-vault-two"
    assert after["vaults"]["depot"]["url"] == "s3://chirp-vault-two-depot"
    assert after["dns"]["ttl"] == 15


def test_each_site_has_the_app_servers_of_the_scene_and_machines_for_them() -> None:
    after = tomllib.loads(arranged(SAMPLE.read_text(), Scene(app_servers=2)))
    assert after["servers"]["app"]["count"] == 2
    assert "count" not in after["servers"]["db"]
    rented = after["sites"]["colo"]["machines"]
    assert len(rented) == 3
    told = {one["address"]: one["private_address"] for one in rented.values()}
    assert told.items() <= addresses.COLO_MACHINES.items()


def test_the_sample_names_every_vault_that_the_sandbox_keeps_in_their_order() -> None:
    vaults = tomllib.loads(SAMPLE.read_text())["vaults"]
    kept = addresses.VAULT_ADDRESSES
    assert list(vaults) == list(kept) == list(addresses.VAULT_SERVICES)
    hosts = [urlsplit(vault["endpoint"]).hostname for vault in vaults.values()]
    assert [addresses.NAMES[host] for host in hosts if host] == list(kept.values())


def test_there_are_twelve_ordered_pairs() -> None:
    assert len({pair.name for pair in PAIRS}) == 12


@pytest.mark.parametrize("sites", [("aws-east", "aws-east"), ("aws-east", "moon")])
def test_a_pair_needs_two_sites_that_exist(sites: tuple[str, str]) -> None:
    with pytest.raises(BadInput):
        Pair(*sites)
