"""From a command to a run: what is gone on with, what is refused, what the journal begins with."""

import asyncio
import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.moves.planned import FAILOVER

from liferaft.clouds.registry import CLOUDS
from liferaft.config import Config
from liferaft.data.postgres.timeline import keep_timeline
from liferaft.failures import BadInput, Failure, Held, Refused
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
from liferaft.moves.account import Account
from liferaft.moves.inputs import DeployInputs, FailoverInputs
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
MORE_SERVERS = ('runs = ["web"]', 'runs = ["web"]\ncount = 2')


@dataclass(frozen=True)
class Mark:
    """Leaves an object in the vault, unless it must fail."""

    name: str
    fails: bool = False
    breaks: bool = False

    async def holds(self, world: World) -> bool:
        return bool(world.site.vault.list(f"marks/{self.name}"))

    async def apply(self, world: World) -> Mapping[str, Any]:
        if self.fails:
            raise Failure("the vendor says no", do="Wait.", details={"step": "3", "kind": "quota"})
        if self.breaks:
            raise TimeoutError("a socket's own")
        world.site.vault.put(f"marks/{self.name}/done", world.run.name.encode())
        return {}

    async def prove(self, world: World) -> None:
        assert await self.holds(world)


def plan_of(*marks: Mark, epoch: int = 1) -> Plan:
    steps = tuple(Step(mark.name, f"Leave {mark.name}", mark) for mark in marks)
    return Plan("deploy", Inputs(site="east", epoch=epoch, reigns=True), steps)


async def begun(vault: Vault, folder: Path, config: Config, move: str, inputs: Inputs) -> Journal:
    """The journal of a run that was planned from these inputs and then killed."""
    plan = MOVES[move].plan(config, inputs)
    return await Journal.begin(
        RunName.new(plan.epoch),
        move=move,
        site=plan.site,
        inputs=inputs.to_json(),
        digest=plan.digest(),
        vaults=[vault],
        folder=folder,
    )


@pytest.fixture
def failover_inputs(reigns: Reigns, has_point: HasPoint) -> FailoverInputs:
    reigns(1, "east")
    has_point(1, "20261122T140000Z")
    return FAILOVER


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


async def test_an_unfinished_failover_goes_on_with_the_facts_that_it_began_with(
    config: Config,
    vault: Vault,
    tmp_path: Path,
    failover_inputs: FailoverInputs,
    has_point: HasPoint,
) -> None:
    journal = await begun(vault, tmp_path, config, "failover", failover_inputs)
    has_point(1, "20261122T150000Z")
    prepared = prepare("failover", "north", config, vault)
    assert prepared.resumes is not None
    assert prepared.resumes.name == journal.name
    assert prepared.plan.inputs.to_json()["point"] == "20261122T140000Z"


async def test_an_unfinished_failover_goes_on_after_its_fence(
    config: Config,
    vault: Vault,
    tmp_path: Path,
    failover_inputs: FailoverInputs,
    reigns: Reigns,
) -> None:
    await begun(vault, tmp_path, config, "failover", failover_inputs)
    reigns(2, "north")
    assert prepare("failover", "north", config, vault).resumes is not None


async def test_a_failover_whose_configuration_is_corrected_before_its_fence_begins_anew(
    config: Config,
    vault: Vault,
    tmp_path: Path,
    failover_inputs: FailoverInputs,
    configured: Configured,
) -> None:
    await begun(vault, tmp_path, config, "failover", failover_inputs)
    assert prepare("failover", "north", configured(MORE_SERVERS), vault).resumes is None


async def test_a_failover_that_would_be_planned_otherwise_is_refused_after_its_fence(
    vault: Vault,
    tmp_path: Path,
    failover_inputs: FailoverInputs,
    configured: Configured,
    reigns: Reigns,
) -> None:
    await begun(vault, tmp_path, configured(), "failover", failover_inputs)
    reigns(2, "north")
    with pytest.raises(Refused, match="planned differently") as caught:
        prepare("failover", "north", configured(MORE_SERVERS), vault)
    assert "configuration" in caught.value.facts.do


async def test_a_deploy_whose_configuration_changed_begins_anew(
    config: Config, vault: Vault, tmp_path: Path, configured: Configured
) -> None:
    inputs = DeployInputs(site="east", epoch=1, reigns=True)
    await begun(vault, tmp_path, config, "deploy", inputs)
    assert prepare("deploy", "east", config, vault).resumes is not None
    prepared = prepare("deploy", "east", configured(MORE_SERVERS), vault)
    assert prepared.resumes is None
    assert "workload-app-2" in {step.name for step in prepared.plan.steps}


async def test_a_finished_run_is_not_gone_on_with(
    config: Config, vault: Vault, tmp_path: Path, reigns: Reigns
) -> None:
    reigns(1, "east")
    inputs = DeployInputs(site="east", epoch=1, reigns=True)
    journal = await begun(vault, tmp_path, config, "deploy", inputs)
    await journal.finish()
    assert prepare("deploy", "east", config, vault).resumes is None


async def test_a_run_of_a_reign_that_is_over_is_not_gone_on_with(
    config: Config, vault: Vault, tmp_path: Path, reigns: Reigns
) -> None:
    reigns(1, "east")
    inputs = DeployInputs(site="east", epoch=1, reigns=True)
    await begun(vault, tmp_path, config, "deploy", inputs)
    reigns(2, "north")
    prepared = prepare("deploy", "east", config, vault)
    assert prepared.resumes is None
    assert prepared.plan.inputs == DeployInputs(site="east", epoch=2, reigns=False)


async def test_a_failover_whose_epoch_another_site_took_is_planned_anew(
    config: Config,
    vault: Vault,
    tmp_path: Path,
    failover_inputs: FailoverInputs,
    reigns: Reigns,
    world: World,
) -> None:
    await begun(vault, tmp_path, config, "failover", failover_inputs)
    reigns(2, "east")
    await keep_timeline(world.site.vault, 2, 2)
    prepared = prepare("failover", "north", config, vault)
    assert prepared.resumes is None
    assert prepared.plan.epoch == 3


async def test_the_journal_begins_with_all_inputs_and_the_plans_digest(
    world: World, tmp_path: Path
) -> None:
    plan = plan_of(Mark("a"))
    name, result = await execute(Prepared(plan), world, folder=tmp_path)
    first, *_, last = read_run(world.site.vault, RunName.parse(name)).events
    assert first.facts == {
        "move": "deploy",
        "site": "east",
        "inputs": {"site": "east", "epoch": 1, "reigns": True},
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
    assert read_run(world.site.vault, unfinished.name).finished
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
            Step("dns", f"Point the name to {site}", PointName(site), (first.name,)),
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


async def test_another_point_begins_a_failover_anew_until_its_fence_and_not_after(
    config: Config, vault: Vault, reigns: Reigns, has_point: HasPoint, tmp_path: Path
) -> None:
    reigns(1, "east")
    for name in ("20261122T140000Z", "20261122T150000Z"):
        has_point(1, name)
    await begun(vault, tmp_path, config, "failover", facts.for_failover(config, vault, "north"))
    older, newer = "20261122T140000Z", "20261122T150000Z"
    assert prepare("failover", "north", config, vault, point=older).resumes is None
    assert prepare("failover", "north", config, vault, point=newer).resumes is not None
    reigns(2, "north")
    with pytest.raises(Refused, match="unfinished"):
        prepare("failover", "north", config, vault, point=older)


async def left_by_a_failover(
    vault: Vault, folder: Path, config: Config, inputs: FailoverInputs
) -> None:
    """An unfinished failover that has led users to its site."""
    journal = await begun(vault, folder, config, "failover", inputs)
    for kind in ("step-started", "step-done"):
        await journal.event(kind, step="dns-one")


async def test_what_is_refused_while_planning_says_what_the_unfinished_run_has_moved(
    config: Config,
    configured: Configured,
    vault: Vault,
    tmp_path: Path,
    failover_inputs: FailoverInputs,
) -> None:
    await left_by_a_failover(vault, tmp_path, config, failover_inputs)
    for key in vault.list("epoch-00000001/points"):
        vault.delete(key)
    with pytest.raises(Refused, match="holds no recovery point") as refused:
        prepare("failover", "north", configured(MORE_SERVERS), vault)
    safe = refused.value.facts.safe
    assert "vendor one leads users of www.chirp.test to north" in safe
    assert "east reigns, epoch 1" in safe
    assert "Nothing was done" not in safe


async def test_a_run_that_takes_the_place_of_an_unfinished_one_says_what_that_may_have_moved(
    config: Config,
    configured: Configured,
    vault: Vault,
    tmp_path: Path,
    failover_inputs: FailoverInputs,
) -> None:
    await left_by_a_failover(vault, tmp_path, config, failover_inputs)
    prepared = prepare("failover", "north", configured(MORE_SERVERS), vault)
    assert prepared.resumes is None
    account = Account.of_another(prepared.left)
    safe = account.safe(prepared.plan, "secrets", "Nothing was changed.")
    assert "perhaps true by now: vendor one leads users of www.chirp.test to north" in safe
    assert "Nothing was changed" not in safe
