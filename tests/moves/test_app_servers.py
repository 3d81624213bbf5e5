"""Of several servers for users each is asked, since users do not notice a dead one."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from tests.moves.actions.scripted import Scripted

from liferaft.config import Config
from liferaft.moves import app_servers
from liferaft.moves.actions import prove
from liferaft.moves.actions.prove import ProveService
from liferaft.moves.app_servers import AppServer, asked, unwell
from liferaft.plan.telling import TOLD
from liferaft.site.outputs import ServerOutput, SiteOutputs
from liferaft.site.world import World

WELL = "HTTP/1.1 200 OK\r\n\r\nwell"


class Edge(Scripted):
    """The server that Caddy is on: the app on it is well, and on the second one it is not there."""

    async def run(self, command: Any, **_: Any) -> Any:
        is_second = "10.20.2.12:8080" in str(command)
        curl = (7, "", "curl: (7) refused") if is_second else (0, WELL, "")
        self.says = {**self.says, "curl": curl}
        return await super().run(command)


@pytest.fixture
def site(world: World, configured: Callable[..., Config]) -> World:
    """With two servers for users."""
    config = configured(('runs = ["web"]', 'runs = ["web"]\ncount = 2'))
    world.site.config = config.model_copy(
        update={"app": config.app.model_copy(update={"starts_within": 0})}
    )
    addresses = {"db-1": "10.20.1.11", "app-1": "10.20.2.11", "app-2": "10.20.2.12"}
    servers = tuple(
        ServerOutput(name, name.partition("-")[0], "192.0.2.1", address)
        for name, address in addresses.items()
    )
    world.site._outputs = SiteOutputs("192.0.2.1", servers, None)
    edge = Edge({"date": (0, "1000\n", "")})
    world.servers._hosts |= {"app-1": edge, "app-2": Scripted({"date": (0, "1000\n", "")})}
    return world


async def test_each_of_several_servers_is_told_by_its_name(site: World) -> None:
    first, second = await asked(site)
    assert (str(first), first.is_well) == ("app-1 is well", True)
    assert second.is_well is False
    assert str(second).startswith("app-2 IS NOT WELL: the app at 10.20.2.12:8080 does not answer")


async def test_a_site_with_one_server_for_users_is_not_asked(world: World) -> None:
    assert await asked(world) == ()


async def test_servers_that_cannot_be_asked_are_not_known_and_hold_nobody_up(
    site: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(_: str) -> Any:
        await asyncio.sleep(60)

    monkeypatch.setattr(site.servers, "host", never)
    found = await asked(site, seconds=0.05)
    assert [(one.server, one.is_well) for one in found] == [("app-1", None), ("app-2", None)]
    assert "NOT KNOWN" in str(found[0])


async def test_a_dead_one_of_two_is_told_by_a_move_and_fails_it_not(
    site: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prove, "ailment_of", lambda *_: None)
    assert not await ProveService("north", 1).holds(site), "else nobody would be told"
    told = await ProveService("north", 1).apply(site)
    (sentence,) = told[TOLD]
    assert sentence.startswith("app-2 IS NOT WELL")
    assert sentence.endswith("Users are led to the others.")


def test_where_all_are_well_nothing_is_told() -> None:
    well = AppServer("app-1", is_well=True)
    assert unwell([well, replace(well, server="app-2")]) == ()
    assert app_servers.ASK_SECONDS < 10
