"""Hosts of either release of Debian: one sandbox has those of one."""

from pathlib import Path

import pytest

from liferaft.clouds.systems import DEFAULT_SYSTEM
from liferaft.clouds.systems import SYSTEMS as THE_PRODUCTS
from liferaft.data.postgres.layout import cluster_of
from liferaft.failures import BadInput
from liferaft_sandbox.failures import SandboxFailed
from liferaft_sandbox.lab.images import read_recipe, sources_of
from liferaft_sandbox.lab.machine_images import MachineImages
from liferaft_sandbox.lab.systems import DEFAULT, SYSTEMS, VARIABLE, chosen_system


def test_hosts_can_run_what_the_product_can() -> None:
    assert SYSTEMS.keys() == THE_PRODUCTS.keys()
    assert DEFAULT == DEFAULT_SYSTEM


@pytest.mark.parametrize("name", SYSTEMS)
def test_the_image_of_a_release_has_its_postgres_and_is_no_others(name: str) -> None:
    recipe = read_recipe("host", SYSTEMS[name])
    assert set(cluster_of(THE_PRODUCTS[name]).packages) <= set(recipe.packages)
    sources = dict(recipe.files)["etc/apt/sources.list"].decode()
    assert SYSTEMS[name].suite in sources
    assert "@" not in sources + recipe.finish
    assert len({read_recipe("host", one).digest for one in SYSTEMS.values()}) == len(SYSTEMS)


def test_the_vendors_programs_are_the_same_whatever_hosts_run() -> None:
    assert len({read_recipe("vendors", one).digest for one in SYSTEMS.values()}) == 1


def test_the_machines_sources_are_asked_for_the_release_that_is_built() -> None:
    for one in SYSTEMS.values():
        with sources_of(one.suite) as path:
            text = path.read_text()
        assert one.suite in text
        assert not [other for other in SYSTEMS.values() if other != one and other.suite in text]


def test_a_vendors_image_of_another_release_is_refused_with_the_way_to_one(tmp_path: Path) -> None:
    images = MachineImages(tmp_path, tmp_path / "own", "debian-13")
    assert images.layers("debian-13") == images.layers("")
    with pytest.raises(SandboxFailed, match="run debian-13, and debian-12 was asked for") as told:
        images.layers("debian-12")
    assert f"{VARIABLE}=debian-12" in told.value.facts.do


def test_the_environment_chooses_what_hosts_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert chosen_system().name == DEFAULT
    monkeypatch.setenv(VARIABLE, "debian-12")
    assert chosen_system().suite == "bookworm"
    monkeypatch.setenv(VARIABLE, "debian-11")
    with pytest.raises(BadInput, match="do not run debian-11"):
        chosen_system()
