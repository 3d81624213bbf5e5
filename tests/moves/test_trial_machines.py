"""A drill at rented machines takes those that nobody holds, or none."""

from collections.abc import Callable
from dataclasses import replace
from typing import cast

import pytest
from tests.moves.things import CloudInMemory

from liferaft.clouds.contract import Cloud, Owner
from liferaft.clouds.kinds import AddressSpec
from liferaft.config import Config
from liferaft.moves.trial_costs import HourlyCost
from liferaft.moves.trial_machines import MachinesHeld, require_machines
from liferaft.moves.trial_site import trial_config, trial_site
from liferaft.site.site import Site
from liferaft.site.world import World

HETZNER = 'cloud = "hetzner"\nregion = "fsn1"\nsizes = { app = "cx32" }\n'
MACHINE = """
[sites.north.machines.colo-{number}]
address = "198.51.100.{number}"
private_address = "10.0.0.{number}"
host_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{key}"
cpus = 4
memory = "16GiB"
disk = "100GiB"
"""


def machines(count: int) -> str:
    rows = (MACHINE.format(number=one, key=str(one) * 43) for one in range(1, count + 1))
    objects = 'objects = { endpoint = "https://s3.colo.test" }\n'
    return f'cloud = "ssh"\nregion = "colo"\n{objects}{"".join(rows)}'


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> CloudInMemory:
    memory = CloudInMemory()
    monkeypatch.setattr(Site, "cloud", lambda _: cast("Cloud", memory))
    return memory


@pytest.fixture
def site(world: World, configured: Callable[..., Config]) -> Site:
    """Of a drill that needs two servers, where there are two machines."""
    config = configured((HETZNER, machines(2)))
    return replace(
        world.site, name=trial_site("north"), config=trial_config(config, "north"), _outputs=None
    )


def hold(cloud: CloudInMemory, site: str, *names: str) -> None:
    for name in names:
        owner = Owner.of(f"urn:{site}:{name}", app="chirp", site=site, epoch=1)
        cloud.kinds["address" if name == "address" else "server"].create(AddressSpec(name), owner)


@pytest.mark.usefixtures("cloud")
def test_machines_that_nobody_holds_are_enough(site: Site) -> None:
    require_machines(site, "north")


def test_what_the_standby_has_set_aside_is_not_taken(site: Site, cloud: CloudInMemory) -> None:
    hold(cloud, "north", "address")
    with pytest.raises(MachinesHeld) as raised:
        require_machines(site, "north")
    facts = raised.value.facts
    assert "needs 2 machines that nobody holds, and 1 of 2 are free" in facts.happened
    assert "chirp-north-address" in facts.happened
    assert "Nothing was done." in facts.safe


def test_a_machine_with_a_server_and_its_address_is_one(site: Site, cloud: CloudInMemory) -> None:
    hold(cloud, "north", "address", "app-1", "db-1")
    with pytest.raises(MachinesHeld, match="0 of 2 are free"):
        require_machines(site, "north")


def test_what_an_earlier_drill_left_is_deleted_by_the_next_and_counts_as_free(
    site: Site, cloud: CloudInMemory
) -> None:
    hold(cloud, "north-drill", "address", "app-1", "db-1")
    require_machines(site, "north")


def test_a_cloud_that_makes_servers_is_asked_for_nothing(world: World) -> None:
    """The engine of the tests would not know which cloud that is."""
    assert not world.site.declared.machines
    require_machines(world.site, "north")


def test_rented_machines_cost_nothing_besides_and_stay_on() -> None:
    assert "They stay on." in HourlyCost(None, "EUR").sentence(0)
