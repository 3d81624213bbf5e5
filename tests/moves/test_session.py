"""From a command to a run: what is gone on with, what is refused, what the journal begins with."""

import asyncio
import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.moves.marks import Mark, plan_of

from liferaft.clouds.registry import CLOUDS
from liferaft.clouds.systems import DEFAULT_SYSTEM
from liferaft.config import Config
from liferaft.failures import BadInput, Held
from liferaft.journal import (
    Journal,
    Lease,
    LeaseHeld,
    LeaseLost,
    RunName,
    find_unfinished,
    list_runs,
    read_run,
)
from liferaft.moves import facts
from liferaft.moves.runner import StepsFailed
from liferaft.moves.session import MOVES, Prepared, execute, prepare
from liferaft.plan.inputs import Inputs
from liferaft.plan.plan import Plan
from liferaft.plan.step import Step
from liferaft.site.world import World
from liferaft.vault import Vault

Reigns = Callable[[int, str], None]
HasPoint = Callable[[int, str], None]
Configured = Callable[..., Config]


@pytest.mark.parametrize("move", MOVES)
def test_every_move_refuses_a_site_that_nobody_knows(
    move: str, config: Config, vault: Vault
) -> None:
    with pytest.raises(BadInput, match="mars"):
        prepare(move, "mars", config, vault)


def test_a_move_without_a_site_is_of_the_one_that_reigns(
    config: Config, vault: Vault, reigns: Reigns
) -> None:
    reigns(1, "east")
    reigns(2, "north")
    assert prepare("snapshot", None, config, vault).plan.site == "north"


async def test_the_journal_begins_with_all_inputs_and_the_plans_digest(
    world: World, tmp_path: Path
) -> None:
    plan = plan_of(Mark("a"))
    name, result = await execute(Prepared(plan), world, folder=tmp_path)
    first, *_, last = read_run(world.site.vault, RunName.parse(name)).events
    facts = dict(first.facts)
    assert facts.pop("about")["app"] == "chirp"
    assert facts == {
        "move": "deploy",
        "site": "east",
        "inputs": {"site": "east", "epoch": 1, "reigns": True, "system": DEFAULT_SYSTEM},
        "digest": plan.digest(),
    }
    assert last.kind == "run-finished"
    assert result.changed == ("a",)


async def test_what_a_run_writes_is_marked_with_its_name(world: World, tmp_path: Path) -> None:
    name, _ = await execute(Prepared(plan_of(Mark("a"))), world, folder=tmp_path)
    assert world.site.vault.get("marks/a/done").decode() == name


async def test_the_journal_is_on_this_machine_too(world: World, tmp_path: Path) -> None:
    name, _ = await execute(Prepared(plan_of(Mark("a"))), world, folder=tmp_path / "runs")
    here = sorted(path.name for path in (tmp_path / "runs" / name).iterdir())
    there = sorted(key.rpartition("/")[2] for key in world.site.vault.list(f"runs/{name}"))
    assert here == there


async def test_after_a_failure_the_same_run_goes_on_and_does_only_what_is_missing(
    world: World, tmp_path: Path
) -> None:
    with pytest.raises(StepsFailed, match="the vendor says no"):
        await execute(Prepared(plan_of(Mark("a"), Mark("b", fails=True))), world, folder=tmp_path)
    unfinished = find_unfinished(world.site.vault, move="deploy", site="east")
    assert unfinished is not None
    mended = Prepared(plan_of(Mark("a"), Mark("b")), unfinished)
    name, result = await execute(mended, world, folder=tmp_path)
    assert name == str(unfinished.name)
    assert (result.held, result.changed) == (("a",), ("b",))
    assert read_run(world.site.vault, unfinished.name).is_finished
    assert len(list_runs(world.site.vault)) == 1


async def a_run_of_another_operator(world: World, folder: Path) -> Journal:
    plan = plan_of(Mark("a"))
    return await Journal.begin(
        RunName.new(1),
        move="deploy",
        site="east",
        inputs=plan.inputs.to_json(),
        digest=plan.digest(),
        vaults=[world.site.vault],
        folder=folder,
    )


async def test_a_run_is_gone_on_with_from_where_another_operator_left_it_in_the_meantime(
    world: World, tmp_path: Path
) -> None:
    """Between the plan and the lease a person was asked."""
    journal = await a_run_of_another_operator(world, tmp_path / "other")
    prepared = Prepared(plan_of(Mark("a")), read_run(world.site.vault, journal.name))
    await journal.event("step-started", step="a")
    name, result = await execute(prepared, world, folder=tmp_path)
    assert (name, result.changed) == (str(journal.name), ("a",))


async def test_a_run_that_another_operator_ended_in_the_meantime_is_left_alone(
    world: World, tmp_path: Path
) -> None:
    journal = await a_run_of_another_operator(world, tmp_path / "other")
    prepared = Prepared(plan_of(Mark("a")), read_run(world.site.vault, journal.name))
    await journal.finish()
    with pytest.raises(Held, match="has ended since"):
        await execute(prepared, world, folder=tmp_path)
    assert not world.site.vault.list("marks")


async def test_whatever_a_vendor_says_can_be_journaled(world: World, tmp_path: Path) -> None:
    with pytest.raises(StepsFailed) as caught:
        await execute(Prepared(plan_of(Mark("a", fails=True))), world, folder=tmp_path)
    assert caught.value.facts.details == {"step": "3", "kind": "quota"}
    (name,) = list_runs(world.site.vault)
    last = read_run(world.site.vault, name).steps["a"]
    assert last.state == "failed"
    assert last.facts["details"] == {"step": "3", "kind": "quota"}


async def test_a_timeout_of_something_else_is_not_taken_for_the_steps_deadline(
    world: World, tmp_path: Path
) -> None:
    with pytest.raises(TimeoutError, match="a socket's own"):
        await execute(Prepared(plan_of(Mark("a", breaks=True))), world, folder=tmp_path)


async def test_while_somebody_else_holds_the_lease_nothing_is_done(
    world: World, tmp_path: Path
) -> None:
    lease = Lease.acquire(world.site.vault, "another-run")
    with pytest.raises(LeaseHeld, match="another-run"):
        await execute(Prepared(plan_of(Mark("a"))), world, folder=tmp_path)
    assert not world.site.vault.list("marks")
    assert not list_runs(world.site.vault)
    lease.release()
    await execute(Prepared(plan_of(Mark("a"))), world, folder=tmp_path)


@pytest.fixture
def nobody_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("liferaft.journal.lease.HANDOVER_SECONDS", 0.0)


@pytest.mark.usefixtures("nobody_is_waited_for")
async def test_a_lease_can_be_taken_over(world: World, tmp_path: Path) -> None:
    Lease.acquire(world.site.vault, "another-run")
    await execute(Prepared(plan_of(Mark("a"))), world, folder=tmp_path, take_over=True)
    assert world.site.vault.list("marks")


@dataclass(frozen=True)
class PointName:
    """Points the application's one name at a site."""

    site: str

    async def holds(self, world: World) -> bool:
        return False

    async def apply(self, world: World) -> Mapping[str, Any]:
        world.site.vault.put("name", self.site.encode())
        return {}

    async def prove(self, world: World) -> None:
        assert world.site.vault.get("name").decode() == self.site


@pytest.mark.usefixtures("nobody_is_waited_for")
async def test_of_two_runs_over_one_vault_the_one_that_was_taken_over_moves_the_name_no_more(
    world: World, tmp_path: Path
) -> None:
    """The first one is in a step when it loses the lease, long before it renews it."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    @dataclass(frozen=True)
    class Slow(Mark):
        async def apply(self, world: World) -> Mapping[str, Any]:
            begun.set()
            await go_on.wait()
            return await super().apply(world)

    def plan(site: str, first: Mark) -> Prepared:
        steps = (
            Step(first.name, f"Leave {first.name}", first),
            Step("dns", f"Point the name to {site}", PointName(site), needs=(first.name,)),
        )
        return Prepared(Plan("deploy", Inputs(site=site, epoch=1, reigns=True), steps))

    other = World.of(dataclasses.replace(world.site, name="east"))
    first = asyncio.create_task(
        execute(plan("north", Slow("servers")), world, folder=tmp_path / "first")
    )
    async with asyncio.timeout(30):
        await begun.wait()
    second = plan("east", Mark("others"))
    await execute(second, other, folder=tmp_path / "second", take_over=True)
    go_on.set()
    with pytest.raises(LeaseLost, match="the deploy of east"):
        await first
    assert world.site.vault.get("name") == b"east"


async def test_the_lease_is_free_again_after_a_failure(world: World, tmp_path: Path) -> None:
    with pytest.raises(StepsFailed):
        await execute(Prepared(plan_of(Mark("a", fails=True))), world, folder=tmp_path)
    Lease.acquire(world.site.vault, "the next run")


async def test_a_plan_that_grew_old_before_it_was_agreed_to_is_not_run(
    world: World, tmp_path: Path, reigns: Reigns
) -> None:
    reigns(1, "east")
    prepared = Prepared(plan_of(Mark("a")))
    reigns(2, "north")
    with pytest.raises(Held, match="Epoch 2 at north has begun"):
        await execute(prepared, world, folder=tmp_path)
    assert not world.site.vault.list("marks")
    assert not list_runs(world.site.vault)


def test_the_inputs_of_every_move_are_what_its_journal_can_hold(
    config: Config,
    vault: Vault,
    reigns: Reigns,
    has_point: HasPoint,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reigns(1, "east")
    has_point(1, "20261122T140000Z")
    monkeypatch.setattr(facts, "entry", lambda _: CLOUDS["aws"])
    for move, asked in MOVES.items():
        site = "north" if move in {"failover", "clear"} else "east"
        inputs = asked.facts(config, vault, site)
        held = json.loads(json.dumps(inputs.to_json()))
        assert asked.inputs.from_json(held) == inputs
        assert asked.plan(config, inputs).digest()


def test_a_failover_begins_from_the_point_that_is_asked_for(
    config: Config, vault: Vault, reigns: Reigns, has_point: HasPoint
) -> None:
    reigns(1, "east")
    for name in ("20261122T140000Z", "20261122T150000Z"):
        has_point(1, name)
    asked = prepare("failover", "north", config, vault, point="20261122T140000Z")
    assert asked.plan.inputs.to_json()["point"] == "20261122T140000Z"
    assert (
        prepare("failover", "north", config, vault).plan.inputs.to_json()["point"]
        == "20261122T150000Z"
    )
