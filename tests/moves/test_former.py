"""A site that reigned once is not used again before what it has from then is cleared."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from liferaft.config import Config
from liferaft.failures import Held, Refused
from liferaft.moves import clear, facts, former
from liferaft.moves.actions.clear import ClearSite
from liferaft.moves.former import FormerServers
from liferaft.moves.inputs import ClearInputs
from liferaft.moves.preview import preview
from liferaft.moves.session import prepare
from liferaft.plan.plan import Plan
from liferaft.provision.description import SiteDescription
from liferaft.provision.engine.contract import OnEvent, Outcome, Request
from liferaft.site.world import World
from liferaft.vault import EpochChain, EpochRecord, Vault

HasPoint = Callable[[int, str], None]
MADE, FIRST, SECOND, LATER = (f"2026-11-22T{hour}:00:00+00:00" for hour in (13, 14, 15, 16))


def row(name: str, created: str, kind: str = "Server") -> dict[str, Any]:
    urn = f"urn:pulumi:north::chirp::liferaft:index:Site$liferaft:index:{kind}::{name}"
    return {"type": f"liferaft:index:{kind}", "urn": urn, "created": created, "id": name}


class Standing:
    """An engine whose stack has these rows; `up` leaves what its description has."""

    def __init__(self, *rows: Mapping[str, Any]) -> None:
        self.rows = list(rows)
        self.asked: list[SiteDescription] = []

    async def export(self, request: Request) -> dict[str, Any]:
        return {"deployment": {"resources": self.rows}}

    async def up(self, request: Request, on_event: OnEvent) -> Outcome:
        self.asked.append(SiteDescription.from_json(request.config["chirp:spec"]))
        gone, self.rows = len(self.rows), []
        return Outcome(ok=True, changes={"delete": gone})

    async def preview(self, request: Request, on_event: OnEvent) -> Outcome:
        return Outcome(ok=True, changes={"delete": len(self.rows)})


@pytest.fixture
def moved_on(vault: Vault, has_point: HasPoint) -> None:
    """North reigned, then east took over."""
    chain = EpochChain(vault)
    chain.claim(EpochRecord(1, "north", "run-1", FIRST))
    chain.claim(EpochRecord(2, "east", "run-2", SECOND))
    has_point(2, "20261122T153000Z")
    vault.put("epoch-00000002/timeline.json", b'{"timeline": 2}')


def planned(config: Config, vault: Vault, move: str) -> Plan:
    return prepare(move, "north", config, vault).plan


def with_rows(world: World, *rows: Mapping[str, Any]) -> Standing:
    engine = Standing(*rows)
    world.site.engine = engine  # type: ignore[assignment]  # the rest must not be called
    return engine


@pytest.mark.usefixtures("moved_on")
@pytest.mark.parametrize("move", ["failover", "deploy"])
@pytest.mark.parametrize("kind", ["Server", "Bucket"])
async def test_a_site_with_what_it_had_when_it_reigned_is_refused_before_anything_moves(
    world: World, config: Config, vault: Vault, move: str, kind: str
) -> None:
    with_rows(world, row("old", MADE, kind))
    with pytest.raises(FormerServers, match="still has old from epoch 1") as refused:
        await former.require_none(world.site, planned(config, vault, move))
    assert "liferaft destroy north --servers" in refused.value.facts.do


@pytest.mark.usefixtures("moved_on")
@pytest.mark.parametrize("move", ["failover", "deploy"])
async def test_what_an_interrupted_failover_made_is_in_nobodys_way(
    world: World, config: Config, vault: Vault, move: str
) -> None:
    with_rows(world, row("db-1", LATER))
    await former.require_none(world.site, planned(config, vault, move))


@pytest.mark.usefixtures("moved_on")
async def test_a_failover_that_has_its_epoch_does_not_take_its_own_servers_for_old_ones(
    world: World, config: Config, vault: Vault
) -> None:
    plan = planned(config, vault, "failover")
    EpochChain(vault).claim(EpochRecord(3, "north", "run-3", LATER))
    with_rows(world, row("db-1", SECOND))
    await former.require_none(world.site, plan)


async def test_a_site_that_never_reigned_has_nothing_of_a_former_reign(
    world: World, config: Config, vault: Vault, reigns: Callable[[int, str], None]
) -> None:
    reigns(1, "east")
    with_rows(world, row("db-1", MADE))
    await former.require_none(world.site, planned(config, vault, "deploy"))


@pytest.mark.usefixtures("moved_on")
async def test_the_site_that_reigns_is_deployed_with_the_servers_it_has(
    world: World, config: Config, vault: Vault
) -> None:
    world.site.name = "east"
    with_rows(world, row("db-1", MADE))
    await former.require_none(world.site, prepare("deploy", "east", config, vault).plan)


@pytest.mark.usefixtures("moved_on")
async def test_a_preview_says_of_servers_that_a_deploy_leaves_that_nothing_changes(
    world: World, config: Config, vault: Vault
) -> None:
    with_rows(world, row("db-1", LATER))
    assert not (await preview(world.site, planned(config, vault, "deploy"))).changes


@pytest.mark.usefixtures("moved_on")
def test_a_clearing_says_what_is_lost_and_leaves_the_site_ready(
    config: Config, vault: Vault
) -> None:
    cleared, ready = planned(config, vault, "clear").steps
    assert cleared.point_of_no_return
    assert "Delete the servers and the bucket at north (hetzner)" in cleared.sentence
    assert "LOST" in cleared.sentence
    assert ready.needs == ("clear",)
    assert clear.plan(config, ClearInputs(site="north", epoch=2, reigns=False)).epoch == 2


def test_the_site_that_reigns_cannot_be_cleared(
    config: Config, vault: Vault, reigns: Callable[[int, str], None]
) -> None:
    reigns(1, "north")
    with pytest.raises(Refused, match="north reigns"):
        facts.for_clear(config, vault, "north")


@pytest.mark.usefixtures("moved_on")
async def test_a_clearing_takes_servers_bucket_and_pins_and_again_finds_nothing(
    world: World,
) -> None:
    engine = with_rows(world, row("db-1", MADE), row("bucket", MADE, "Bucket"))
    world.site.vault.put("pins/north/db-1.json", b"{}")
    action = ClearSite("north", 2)
    assert not await action.holds(world)
    await action.apply(world)
    assert [(spec.pilot_light, spec.bucket) for spec in engine.asked] == [(True, None)]
    assert not world.site.vault.list("pins/north")
    assert await action.holds(world)


async def test_a_site_that_came_to_reign_meanwhile_is_not_cleared(
    world: World, reigns: Callable[[int, str], None]
) -> None:
    reigns(1, "north")
    engine = with_rows(world, row("db-1", MADE))
    with pytest.raises(Held, match="north reigns by now"):
        await ClearSite("north", 1).apply(world)
    assert not engine.asked
