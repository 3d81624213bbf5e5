"""However a build of an image ends, the server that it was built on does not go on costing."""

import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast

import pytest
from tests.moves.things import CloudInMemory

from liferaft.config import Config
from liferaft.failures import DeadlinePassed, VendorFailure
from liferaft.moves import machine_image
from liferaft.moves.actions import machine_image as building
from liferaft.moves.builder import ORDER
from liferaft.moves.inputs import MachineImageInputs
from liferaft.moves.runner import StepsFailed
from liferaft.moves.session import Prepared, execute
from liferaft.site.site import Site
from liferaft.site.world import World

if TYPE_CHECKING:
    from liferaft.clouds.contract import Cloud

INPUTS = MachineImageInputs(site="north", epoch=1, reigns=False, image="20261122T140000Z")


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> CloudInMemory:
    memory = CloudInMemory()
    monkeypatch.setattr(Site, "cloud", lambda _: cast("Cloud", memory))
    return memory


@pytest.fixture
def prepared(config: Config) -> Prepared:
    return Prepared(machine_image.plan(config, INPUTS))


def left(cloud: CloudInMemory) -> list[str]:
    return [ident for kind in ORDER for ident in cloud.kinds[kind].there]


@pytest.mark.parametrize(
    "end",
    [
        VendorFailure("the vendor says no", safe="No image was made.", do="Ask it."),
        DeadlinePassed("aws: waited 1200 s for an image", safe="No image was made."),
    ],
)
async def test_a_build_that_is_refused_or_times_out_leaves_no_server_and_says_so(
    world: World,
    cloud: CloudInMemory,
    prepared: Prepared,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    end: Exception,
) -> None:
    async def refused(*_: object, **__: object) -> NoReturn:
        assert left(cloud)
        raise end

    monkeypatch.setattr(building, "connect", refused)
    with pytest.raises(StepsFailed) as failed:
        await execute(prepared, world, folder=tmp_path)
    assert left(cloud) == []
    assert "which was built on, is deleted." in failed.value.facts.safe


async def test_an_interrupted_build_leaves_no_server_though_it_was_just_being_made(
    world: World,
    cloud: CloudInMemory,
    prepared: Prepared,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    servers, begun = cloud.kinds["server"], asyncio.Event()
    make, loop = servers.create, asyncio.get_running_loop()

    def slowly(*asked: Any) -> Any:
        loop.call_soon_threadsafe(begun.set)
        asyncio.run(asyncio.sleep(0.3))
        return make(*asked)

    monkeypatch.setattr(servers, "create", slowly)
    run = asyncio.create_task(execute(prepared, world, folder=tmp_path))
    await begun.wait()
    with caplog.at_level(logging.WARNING):
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
    assert servers.made == 1
    assert left(cloud) == []
    assert "Server server-1, which was built on, is deleted." in caplog.text


async def test_a_server_that_cannot_be_deleted_is_told_with_the_command_that_does_it(
    world: World,
    cloud: CloudInMemory,
    prepared: Prepared,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def refused(*_: object, **__: object) -> NoReturn:
        raise VendorFailure("the vendor says no")

    def stays(_: str) -> NoReturn:
        raise VendorFailure("aws: deleting server server-1 failed")

    monkeypatch.setattr(building, "connect", refused)
    monkeypatch.setattr(cloud.kinds["server"], "delete", stays)
    with pytest.raises(StepsFailed) as failed:
        await execute(prepared, world, folder=tmp_path)
    assert "may still be there, and costs" in failed.value.facts.safe
    assert "liferaft image delete north" in failed.value.facts.do


async def test_where_nothing_of_ours_could_the_server_switches_itself_off(
    world: World,
    cloud: CloudInMemory,
    prepared: Prepared,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    booted: list[str] = []

    async def refused(*_: object, **__: object) -> NoReturn:
        booted.extend(spec.user_data for spec, _, _ in cloud.kinds["server"].there.values())
        raise VendorFailure("the vendor says no")

    monkeypatch.setattr(building, "connect", refused)
    with pytest.raises(StepsFailed):
        await execute(prepared, world, folder=tmp_path)
    assert "--on-active=3h systemctl poweroff" in booted[0]
