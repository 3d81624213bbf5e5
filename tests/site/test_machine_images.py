"""From which image new servers of a site boot."""

import logging
from typing import Any, cast

import pytest
from tests.moves.things import CloudInMemory

from liferaft.clouds.contract import Cloud, Owner, Unsupported
from liferaft.clouds.kinds import MachineImageSpec
from liferaft.clouds.systems import DEFAULT_SYSTEM
from liferaft.config import Config
from liferaft.site.machine_images import (
    MachineImageRecord,
    bootable,
    delete_machine_images,
    keep_machine_image,
    machine_image_of,
    owner_of,
    require_machine_images,
    short_name,
)
from liferaft.site.site import Site
from liferaft.site.world import World

IMAGE = MachineImageRecord(
    "machine_image-1", "20261122T140000Z", "hetzner", "fsn1", ("caddy",), DEFAULT_SYSTEM
)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> CloudInMemory:
    memory = CloudInMemory()
    monkeypatch.setattr(Site, "cloud", lambda _: cast("Cloud", memory))
    return memory


def build(cloud: CloudInMemory, name: str) -> None:
    owner = owner_of(name, app="chirp", site="north", epoch=1)
    cloud.kinds["machine_image"].create(MachineImageSpec(short_name(name), "server-1"), owner)


async def test_without_an_image_servers_boot_from_the_clouds_own_debian(world: World) -> None:
    assert machine_image_of(world.site.vault, "north") is None
    assert await bootable(world.site) is None


async def test_a_kept_image_is_booted_from_until_it_is_forgotten(
    world: World, cloud: CloudInMemory
) -> None:
    build(cloud, IMAGE.name)
    keep_machine_image(world.site.vault, "north", IMAGE)
    assert machine_image_of(world.site.vault, "north") == IMAGE
    assert await bootable(world.site) == IMAGE.id
    assert await delete_machine_images(world.site) == [IMAGE.id]
    assert await bootable(world.site) is None
    assert not cloud.kinds["machine_image"].there
    assert await delete_machine_images(world.site) == []


async def test_a_deletion_that_was_killed_is_finished_and_the_programs_own_images_stay(
    world: World, cloud: CloudInMemory
) -> None:
    build(cloud, IMAGE.name)
    own = MachineImageSpec("image-20261122t150000z", "server-1")
    kept = cloud.kinds["machine_image"].create(own, Owner("chirp", "north", 1, "the-programs"))
    assert machine_image_of(world.site.vault, "north") is None  # forgotten already
    assert await delete_machine_images(world.site) == [IMAGE.id]
    assert list(cloud.kinds["machine_image"].there) == [kept.id]


def test_a_site_of_machines_that_are_there_already_is_told_that_it_has_no_image(
    config: Config,
) -> None:
    require_machine_images(config, "north")
    cellar = config.sites["north"].model_copy(update={"cloud": "ssh"})
    with pytest.raises(Unsupported, match="ssh has no machine images") as caught:
        require_machine_images(config.model_copy(update={"sites": {"cellar": cellar}}), "cellar")
    told = caught.value.facts
    assert told.do.endswith("`liferaft image build cellar`.")
    assert "<" not in told.happened + told.do, "names, no placeholders"


async def test_an_image_that_its_cloud_lost_does_not_stop_a_failover(
    world: World, cloud: CloudInMemory, caplog: pytest.LogCaptureFixture
) -> None:
    assert not cloud.kinds["machine_image"].there
    keep_machine_image(world.site.vault, "north", IMAGE)
    with caplog.at_level(logging.WARNING):
        assert await bootable(world.site) is None
    assert "liferaft image build north" in caplog.text


@pytest.mark.parametrize("moved", [{"cloud": "aws"}, {"region": "hel1"}, {"system": "debian-11"}])
async def test_an_image_of_another_place_is_not_used(world: World, moved: dict[str, Any]) -> None:
    keep_machine_image(world.site.vault, "north", MachineImageRecord(**{**vars(IMAGE), **moved}))
    assert await bootable(world.site) is None
