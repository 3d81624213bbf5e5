"""What a site's cloud holds of ours."""

from pathlib import Path
from typing import cast

import pytest
from tests.application import Unasked
from tests.moves.things import CloudInMemory

from liferaft.clouds.contract import Cloud, Owner
from liferaft.clouds.kinds import AddressSpec, MachineImageSpec
from liferaft.journal import Journal, RunName
from liferaft.moves.holdings import holdings
from liferaft.site.machine_images import MachineImageRecord, keep_machine_image
from liferaft.site.site import Site
from liferaft.site.world import World

OURS = Owner("chirp", "north", 3, "token")


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> CloudInMemory:
    memory = CloudInMemory()
    monkeypatch.setattr(Site, "cloud", lambda _: cast("Cloud", memory))
    return memory


async def test_what_no_state_knows_is_a_leftover(world: World, cloud: CloudInMemory) -> None:
    cloud.kinds["address"].create(AddressSpec("entry"), OURS)
    found = await holdings(world.site)
    assert (found.site, found.account, found.trouble) == ("north", "account 12", None)
    assert [(one.kind, one.name, one.epoch, one.known) for one in found.things] == [
        ("address", "chirp-north-entry", "3", False)
    ]
    assert found.run is None


async def test_what_the_state_knows_is_none(
    world: World, cloud: CloudInMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    ident = cloud.kinds["address"].create(AddressSpec("entry"), OURS).id

    async def exported(*_: object) -> dict[str, object]:
        return {"deployment": {"resources": [{"type": "liferaft:index:Address", "id": ident}]}}

    monkeypatch.setattr(Unasked, "export", exported)
    found = await holdings(world.site)
    assert [one.known for one in found.things] == [True]


async def test_the_image_that_servers_boot_from_is_none(world: World, cloud: CloudInMemory) -> None:
    spec = MachineImageSpec("image-1", "server-1")
    ident = cloud.kinds["machine_image"].create(spec, OURS).id
    keep_machine_image(
        world.site.vault, "north", MachineImageRecord(ident, "image-1", "hetzner", "fsn1", ())
    )
    assert [one.known for one in (await holdings(world.site)).things] == [True]


async def test_what_a_run_is_making_is_none(
    world: World, cloud: CloudInMemory, tmp_path: Path
) -> None:
    """It is noted in a moment; or, after a kill, found when the same command goes on."""
    cloud.kinds["address"].create(AddressSpec("entry"), OURS)
    journal = await Journal.begin(
        RunName.new(1),
        move="failover",
        site="north",
        inputs={"site": "north", "epoch": 1, "reigns": True},
        digest="",
        vaults=[world.site.vault],
        folder=tmp_path,
    )
    found = await holdings(world.site)
    assert [one.known for one in found.things] == [False]
    assert found.run == str(journal.name)
    await journal.finish()
    assert (await holdings(world.site)).run is None


async def test_another_apps_and_another_sites_things_are_not_shown(
    world: World, cloud: CloudInMemory
) -> None:
    cloud.kinds["address"].create(AddressSpec("entry"), Owner("other", "north", 1, "a"))
    cloud.kinds["address"].create(AddressSpec("entry"), Owner("chirp", "south", 1, "b"))
    assert (await holdings(world.site)).things == ()


async def test_a_cloud_that_does_not_answer_is_told_as_not_known(
    world: World, cloud: CloudInMemory
) -> None:
    cloud.silent = True
    found = await holdings(world.site)
    assert found.trouble is not None
    assert "asking who we are failed" in found.trouble.happened
