"""A cloud that this file alone knows: all rooms learn of it from its entry."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from liferaft.clouds.contract import Ability, Cloud, Unsupported
from liferaft.clouds.control_plane import Patience
from liferaft.clouds.entry import Entry, Regions, Reserved
from liferaft.clouds.inventory import Inventory
from liferaft.clouds.kinds import VOLUME
from liferaft.clouds.lookup import resource
from liferaft.clouds.registry import CLOUDS, is_for_clouds, open_cloud
from liferaft.config import Config, ConfigInvalid, VariablesUnusable, resolve
from liferaft.moves import deploy, facts, failover
from liferaft.site.stack import description
from liferaft.vault import Vault

Configured = Callable[..., Config]
Reigns = Callable[[int, str], None]
HasPoint = Callable[[int, str], None]


def _open(region: str, given: Mapping[str, str], patience: Patience, _: Inventory) -> Cloud:
    del patience
    attic: Any = SimpleNamespace(name="attic", region=region, kinds={}, token=given["ATTIC_TOKEN"])
    opened: Cloud = attic
    return opened


ATTIC = Entry(
    "attic",
    _open,
    variables=("ATTIC_",),
    lacks={"volume": "sites.<site>.shelves", Ability.GROW_VOLUME: "sites.<site>.shelves"},
)


@pytest.fixture
def config(configured: Configured, monkeypatch: pytest.MonkeyPatch) -> Config:
    known: Any = CLOUDS
    monkeypatch.setitem(known, ATTIC.name, ATTIC)
    return configured(('cloud = "hetzner"', 'cloud = "attic"'))


def test_its_sites_are_deployed_and_failed_over_to_like_any_other(
    config: Config, vault: Vault, reigns: Reigns, has_point: HasPoint
) -> None:
    reigns(1, "east")
    has_point(1, "20261122T140000Z")
    ready = deploy.plan(config, facts.for_deploy(config, vault, "north"))
    assert [step.name for step in ready.order()] == ["secrets", "reserve"]
    moved = failover.plan(config, facts.for_failover(config, vault, "north"))
    assert moved.site == "north"


def test_what_its_regions_and_buckets_may_be_called_is_told_when_the_file_is_read(
    configured: Configured, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = replace(ATTIC, regions=Regions("[a-z]+-floor", "third-floor"))
    named = replace(named, reserved=Reserved(ends=("north-media",)))
    known: Any = CLOUDS
    monkeypatch.setitem(known, ATTIC.name, named)
    with pytest.raises(ConfigInvalid) as caught:
        configured(('cloud = "hetzner"', 'cloud = "attic"'))
    told = {problem.key: str(problem) for problem in caught.value.problems}
    assert told.keys() == {"sites.north.region", "data.media"}
    assert "a region such as third-floor" in told["sites.north.region"]
    assert "attic keeps north-media for itself" in told["data.media"]


def test_its_program_is_told_what_it_has(config: Config) -> None:
    kinds = description(config, "north", "ssh-ed25519 A", servers=True).kinds
    assert kinds == description(config, "east", "ssh-ed25519 A", servers=True).kinds - {"volume"}
    assert ATTIC.abilities == frozenset(Ability) - {Ability.GROW_VOLUME}


@pytest.mark.usefixtures("config")
def test_it_is_opened_with_its_own_variables_and_what_it_lacks_names_its_own_key() -> None:
    assert is_for_clouds("ATTIC_TOKEN")
    assert not is_for_clouds("CELLAR_TOKEN")
    cloud = open_cloud("attic", "third-floor", {"ATTIC_TOKEN": "t"})
    with pytest.raises(Unsupported, match="attic has no volume") as refused:
        resource(cloud, VOLUME)
    assert "sites.<site>.shelves" in refused.value.facts.do
    assert "sites.<site>.cloud" in ATTIC.lacking("ssh_key", "has none").facts.do


def test_its_variables_are_looked_at_before_anything_is_asked(config: Config) -> None:
    given = {"ATTIC_TOKEN": "kept\nsecret", "LIFERAFT_IDENTITY_FILE": "/nowhere"}
    with pytest.raises(VariablesUnusable) as refused:
        resolve(config, given, asked="north")
    assert "ATTIC_TOKEN" in refused.value.flaws
    assert "kept" not in str(refused.value)
