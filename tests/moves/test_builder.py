"""The server that a machine image is made on."""

from dataclasses import replace
from typing import cast

import pytest
from tests.moves.things import CloudInMemory

from liferaft.clouds.contract import Cloud, Owner
from liferaft.clouds.kinds import MachineImageSpec, NetworkSpec
from liferaft.moves.builder import Builder
from liferaft.secrets import AppSecrets

SHAPE = {"cpus": 2, "memory": 2048, "machine_types": ()}


@pytest.fixture
def memory() -> CloudInMemory:
    return CloudInMemory()


@pytest.fixture
def builder(memory: CloudInMemory) -> Builder:
    return Builder(cast("Cloud", memory), "chirp", "north", 1, SHAPE, AppSecrets.generate())


def test_asking_for_the_builder_again_finds_the_same_one(
    builder: Builder, memory: CloudInMemory
) -> None:
    assert builder.server() == builder.server()
    assert memory.kinds["server"].made == 1


def test_one_that_was_made_with_other_keys_is_made_anew(
    builder: Builder, memory: CloudInMemory
) -> None:
    first = builder.server()
    again = replace(builder, secrets=AppSecrets.generate()).server()
    assert first.id != again.id
    assert list(memory.kinds["server"].there) == [again.id]


def test_removing_it_leaves_the_site_and_its_images(
    builder: Builder, memory: CloudInMemory
) -> None:
    site = Owner("chirp", "north", 1, "the-sites-own-network")
    kept = memory.kinds["network"].create(NetworkSpec("network"), site)
    facts = builder.server()
    image = MachineImageSpec("image-1", facts.id)
    memory.kinds["machine_image"].create(image, builder.owner("20261122T140000Z"))
    builder.remove()
    assert list(memory.kinds["network"].there) == [kept.id]
    assert len(memory.kinds["machine_image"].there) == 1
    for kind in ("server", "firewall", "ssh_key"):
        assert not memory.kinds[kind].there


def test_it_is_let_in_by_ssh_alone(builder: Builder, memory: CloudInMemory) -> None:
    builder.server()
    ((spec, _, _),) = memory.kinds["firewall"].there.values()
    assert [(rule.protocol, rule.ports) for rule in spec.rules] == [("tcp", "22")]
