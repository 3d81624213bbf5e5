"""A server that is believed to be there and does not answer: its cloud is asked, once."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.moves.things import CloudInMemory

from liferaft.clouds.contract import Owner
from liferaft.clouds.kinds import ServerSpec
from liferaft.data.postgres.timeline import keep_timeline
from liferaft.failures import Failure
from liferaft.remote import ConnectionLost, HostKeyMismatch, Unreachable
from liferaft.site import servers as worlds
from liferaft.site.gone import ServerGone, explained
from liferaft.site.site import Site
from liferaft.site.world import World

Reigns = Callable[[int, str], None]
ADDRESS = "198.51.100.9"
OWNER = Owner("chirp", "north", 2, "token")


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> CloudInMemory:
    memory = CloudInMemory()
    monkeypatch.setattr(Site, "cloud", lambda _: memory)
    return memory


def there(cloud: CloudInMemory, ident: str) -> None:
    """The cloud has a server of that id."""
    spec: Any = ServerSpec("db-1", cpus=1, memory=1024, user_data="")
    cloud.kinds["server"].there[ident] = (spec, OWNER, {})


async def never(*_: object, **__: object) -> None:
    raise Unreachable("no answer", details={"host": ADDRESS})


async def test_a_server_that_was_deleted_by_hand_is_named_with_the_cure(
    world: World, cloud: CloudInMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []

    async def silent(*_: object, deadline: float, **__: object) -> None:
        waited.append(deadline)
        await never()

    monkeypatch.setattr(worlds, "connect", silent)
    with pytest.raises(ServerGone, match=r"db-1 \(id-of-db-1\) of north is not at aws") as told:
        await world.servers.connect("db-1", [])
    assert "liferaft refresh north" in told.value.facts.do
    assert waited == [worlds.SILENT_SECONDS], "nobody waits on for what is not there"
    assert cloud.kinds["server"].there == {}


async def test_a_server_that_its_cloud_has_may_still_boot(
    world: World, cloud: CloudInMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    there(cloud, "id-of-db-1")
    waited: list[float] = []

    async def silent(*_: object, deadline: float, **__: object) -> None:
        waited.append(deadline)
        await never()

    monkeypatch.setattr(worlds, "connect", silent)
    with pytest.raises(Unreachable):
        await world.servers.connect("db-1", [])
    assert sum(waited) == worlds.CONNECT_SECONDS


async def test_a_cloud_that_cannot_be_asked_leaves_the_first_reason(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: World) -> None:
        raise Failure("the account is suspended")

    monkeypatch.setattr(Site, "cloud", refused)
    lost = ConnectionLost("it broke", details={"host": ADDRESS})
    assert await explained(world.site, lost) is lost


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize("kind", [Unreachable, ConnectionLost, HostKeyMismatch])
async def test_a_connection_that_is_lost_in_the_middle_is_explained_by_the_cloud(
    world: World, kind: type[Failure]
) -> None:
    told = await explained(world.site, kind("it broke", details={"host": ADDRESS}))
    assert isinstance(told, ServerGone)
    assert told.facts.details["connection"] == "it broke"


@pytest.mark.usefixtures("cloud")
async def test_a_database_server_that_is_gone_where_it_reigns_is_not_made_anew_empty(
    world: World, reigns: Reigns
) -> None:
    reigns(1, "north")
    await keep_timeline(world.site.vault, 1, 1)
    told = await explained(world.site, Unreachable("no answer", details={"host": ADDRESS}))
    assert "liferaft failover SITE" in told.facts.do
    assert "refresh" not in told.facts.do
