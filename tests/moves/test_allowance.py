"""Whether the account may run the servers, asked before a deploy or an image makes anything."""

from typing import cast

import pytest
from tests.moves.planned import FAILOVER
from tests.moves.things import CloudInMemory

from liferaft.clouds.contract import Allowance, Cloud
from liferaft.clouds.sizes import WantedSize
from liferaft.config import Config
from liferaft.failures import Refused
from liferaft.moves import deploy, failover, machine_image
from liferaft.moves.allowance import require_allowance
from liferaft.moves.inputs import DeployInputs, MachineImageInputs
from liferaft.site.site import Site
from liferaft.site.world import World

TOO_MANY = Refused("aws: this account may run 5 CPUs", safe="Nothing was created.", do="Ask.")
FIRST = DeployInputs(site="north", epoch=1, reigns=True)
BESIDE = DeployInputs(site="north", epoch=1, reigns=False)
IMAGE = MachineImageInputs(site="north", epoch=1, reigns=False, image="20261122T140000Z")


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> CloudInMemory:
    memory = CloudInMemory(allows=Allowance((TOO_MANY,), ("It closes soon.",)))
    monkeypatch.setattr(Site, "cloud", lambda _: cast("Cloud", memory))
    return memory


async def test_a_deploy_whose_servers_would_be_refused_is_refused_before_it_begins(
    world: World, config: Config, cloud: CloudInMemory
) -> None:
    with pytest.raises(Refused, match="5 CPUs"):
        await require_allowance(world.site, deploy.plan(config, FIRST))
    assert not any(things.made for things in cloud.kinds.values())


async def test_every_server_of_the_site_is_asked_about_by_the_name_that_it_will_have(
    world: World, config: Config, cloud: CloudInMemory
) -> None:
    await require_allowance(world.site, deploy.plan(config, BESIDE))
    assert set(cloud.asked) == {"chirp-north-db-1", "chirp-north-app-1"}
    assert all(isinstance(wanted, WantedSize) for wanted in cloud.asked.values())


async def test_of_a_standby_it_is_told_that_a_failover_to_it_would_be_refused(
    world: World, config: Config, cloud: CloudInMemory
) -> None:
    cloud.allows = Allowance((TOO_MANY,), ("It closes soon.",))
    refused, note = await require_allowance(world.site, deploy.plan(config, BESIDE))
    assert refused == (
        "A failover to north would be refused. aws: this account may run 5 CPUs. Ask."
    )
    assert note == "It closes soon."


async def test_an_image_whose_builder_would_be_refused_is_refused_before_it_begins(
    world: World, config: Config, cloud: CloudInMemory
) -> None:
    with pytest.raises(Refused, match="5 CPUs"):
        await require_allowance(world.site, machine_image.plan(config, IMAGE))
    assert set(cloud.asked) == {"chirp-north-builder"}


async def test_a_failover_asks_nothing_that_it_can_do_without(
    world: World, config: Config, cloud: CloudInMemory
) -> None:
    assert await require_allowance(world.site, failover.plan(config, FAILOVER)) == ()
    assert not cloud.asked
