"""One drill: whatever comes of it, it is told, and what it made is deleted."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.moves.marks import Mark, plan_of
from tests.moves.planned import FAILOVER

from liferaft.config.targets import TargetsConfig
from liferaft.journal import Lease, LeaseHeld, LeaseLost, list_runs, read_run
from liferaft.moves import drill
from liferaft.moves.begun_drills import begun_drills, drills_of
from liferaft.moves.drilling import MoveUnderWay, PlannedDrill, run_drill
from liferaft.moves.trial_costs import HourlyCost
from liferaft.site.world import World

Reigns = Callable[[int, str], None]


@pytest.fixture
def planned(world: World, reigns: Reigns) -> Callable[..., PlannedDrill]:
    """A drill in which marks stand for steps; they are made in the vault of the test."""
    reigns(1, "east")
    inputs = drill.inputs_for(FAILOVER, "north")

    def of(*marks: Mark, last: Mark | None = None) -> PlannedDrill:
        ends = (plan_of(Mark("heard")), plan_of(last or Mark("gone")))
        return PlannedDrill(plan_of(*marks), *ends, world, world.site.vault, inputs)

    return of


Planned = Callable[..., PlannedDrill]


async def test_a_drill_that_works_says_so_and_leaves_no_note(
    planned: Planned, world: World, tmp_path: Path
) -> None:
    verdict = await run_drill(planned(Mark("prove")), folder=tmp_path)
    assert verdict.is_good
    assert verdict.rto is not None
    assert not begun_drills(world.site.vault)
    assert world.site.vault.list("marks/gone")


async def test_its_journal_lies_apart_from_those_of_moves(
    planned: Planned, world: World, tmp_path: Path
) -> None:
    verdict = await run_drill(planned(Mark("prove")), folder=tmp_path)
    assert not list_runs(world.site.vault)
    (name,) = list_runs(drills_of(world.site.vault))
    record = read_run(drills_of(world.site.vault), name)
    assert str(name) == verdict.run
    assert record.is_finished


async def test_one_that_fails_says_why_and_is_deleted_all_the_same(
    planned: Planned, world: World, tmp_path: Path
) -> None:
    verdict = await run_drill(planned(Mark("prove", fails=True)), folder=tmp_path)
    assert not verdict.is_good
    assert "the vendor says no" in verdict.to_json()["reason"]
    assert not verdict.has_given_way
    assert world.site.vault.list("marks/heard"), "what it was denied may be why"
    assert world.site.vault.list("marks/gone")
    assert not begun_drills(world.site.vault)


async def test_a_target_that_is_missed_fails_the_drill_and_says_by_how_much(
    planned: Planned, world: World, tmp_path: Path
) -> None:
    targets = TargetsConfig.model_validate({"rto": "1s"})
    world.site.config = world.site.config.model_copy(update={"targets": targets})
    verdict = await run_drill(planned(Mark("prove", seconds=1.5)), folder=tmp_path)
    assert verdict.failure is None
    assert not verdict.is_good
    assert "[targets] asks for 1 s at most" in verdict.missed[0]


async def test_what_it_cost_is_in_the_verdict_and_in_the_journal(
    planned: Planned, world: World, tmp_path: Path
) -> None:
    asked = replace(planned(Mark("servers")), cost=HourlyCost(0.5, "EUR"))
    verdict = await run_drill(asked, folder=tmp_path)
    assert verdict.spent is not None
    assert verdict.spent.amount == 0.5
    (name,) = list_runs(drills_of(world.site.vault))
    (noted,) = (
        event.facts["costs"]
        for event in read_run(drills_of(world.site.vault), name).events
        if event.kind == "drill-verdict"
    )
    assert noted["sentence"] == verdict.spent.sentence


async def test_what_could_not_be_deleted_stays_noted_until_it_is(
    planned: Planned, world: World, tmp_path: Path
) -> None:
    verdict = await run_drill(
        planned(Mark("prove"), last=Mark("gone", fails=True)), folder=tmp_path
    )
    assert verdict.is_good
    assert verdict.left is not None
    (note,) = begun_drills(world.site.vault)
    assert note.run == verdict.run


async def test_a_drill_that_deletes_all_of_its_site_ends_the_notes_of_those_before_it(
    planned: Planned, world: World, tmp_path: Path
) -> None:
    await run_drill(planned(Mark("prove"), last=Mark("gone", fails=True)), folder=tmp_path)
    assert begun_drills(world.site.vault)
    assert (await run_drill(planned(Mark("again")), folder=tmp_path)).left is None
    assert not begun_drills(world.site.vault)


async def test_whoever_loses_the_lease_of_drills_deletes_nothing(
    planned: Planned, world: World, tmp_path: Path
) -> None:
    """What carries the labels may be the other drill's by then."""

    def watch(event: object) -> None:
        if getattr(event, "step", "") == "a" and getattr(event, "kind", "") == "started":
            Lease.acquire(drills_of(world.site.vault), "another", take_over=True)

    with pytest.raises(LeaseLost):
        await run_drill(planned(Mark("a", seconds=0.2)), folder=tmp_path, watch=watch)
    assert not world.site.vault.list("marks/gone")


async def test_a_drill_that_takes_too_long_is_ended_and_deleted(
    planned: Planned, world: World, tmp_path: Path
) -> None:
    told = world.site.config.drill.model_copy(update={"deadline": timedelta(seconds=0.2)})
    world.site.config = world.site.config.model_copy(update={"drill": told})
    verdict = await run_drill(planned(Mark("prove", seconds=30)), folder=tmp_path)
    assert "did not come to its end" in verdict.to_json()["reason"]
    assert world.site.vault.list("marks/gone")


async def test_an_interrupt_deletes_what_was_made(
    planned: Planned, world: World, tmp_path: Path
) -> None:
    is_under_way = asyncio.Event()
    work = run_drill(
        planned(Mark("wait", seconds=60)), folder=tmp_path, watch=lambda _: is_under_way.set()
    )
    begun = asyncio.create_task(work)
    await is_under_way.wait()
    assert begun_drills(world.site.vault)
    begun.cancel()
    with pytest.raises(asyncio.CancelledError):
        await begun
    assert world.site.vault.list("marks/gone")
    assert not begun_drills(world.site.vault)


async def test_an_interrupt_while_it_is_deleted_waits_for_that_and_the_verdict_stands(
    planned: Planned, world: World, tmp_path: Path
) -> None:
    """So a timer's end, or a machine that shuts down, may meet it."""
    is_deleting = asyncio.Event()

    def watch(event: object) -> None:
        if getattr(event, "step", "") == "gone":
            is_deleting.set()

    asked = planned(Mark("prove"), last=Mark("gone", seconds=0.3))
    begun = asyncio.create_task(run_drill(asked, folder=tmp_path, watch=watch))
    await is_deleting.wait()
    begun.cancel()
    verdict = await begun
    assert verdict.is_good
    assert verdict.left is None
    assert world.site.vault.list("marks/gone")
    assert not begun_drills(world.site.vault)


async def test_two_drills_at_once_are_refused(
    planned: Planned, world: World, tmp_path: Path
) -> None:
    Lease.acquire(drills_of(world.site.vault), "another", what="drill of north")
    with pytest.raises(LeaseHeld):
        await run_drill(planned(Mark("prove")), folder=tmp_path)
    assert not world.site.vault.list("marks")


@pytest.mark.parametrize("move", ["failover of north", "deploy of east"])
async def test_a_drill_is_not_begun_beside_a_move(
    planned: Planned, world: World, tmp_path: Path, move: str
) -> None:
    Lease.acquire(world.site.vault, "another", what=move)
    with pytest.raises(MoveUnderWay, match=move):
        await run_drill(planned(Mark("prove")), folder=tmp_path)
    assert not world.site.vault.list("marks")


async def test_a_snapshot_and_a_drill_do_not_mind_each_other(
    planned: Planned, world: World, tmp_path: Path
) -> None:
    Lease.acquire(world.site.vault, "another", what="snapshot of east")
    assert (await run_drill(planned(Mark("prove")), folder=tmp_path)).is_good


async def test_a_drill_gives_way_to_a_failover_that_begins_meanwhile(
    planned: Planned, world: World, tmp_path: Path, reigns: Reigns
) -> None:
    drilled = planned(Mark("a"), Mark("b"))
    first, second = drilled.plan.steps
    after = replace(second, needs=("a",))
    drilled = replace(drilled, plan=replace(drilled.plan, steps=(first, after)))
    seen: list[str] = []

    def watch(event: object) -> None:
        kind, step = getattr(event, "kind", ""), getattr(event, "step", "")
        seen.append(f"{kind} {step}")
        if (kind, step) == ("done", "a"):
            reigns(2, "north")

    verdict = await run_drill(drilled, folder=tmp_path, watch=watch)
    assert not verdict.is_good
    assert "Epoch 2 at north has begun" in verdict.to_json()["reason"]
    assert verdict.has_given_way, "what would have come of it nobody knows"
    assert "done b" not in seen
    assert world.site.vault.list("marks/gone")


async def test_the_note_says_what_may_be_left_and_what_it_costs(
    planned: Planned, world: World, tmp_path: Path
) -> None:
    costly = replace(
        planned(Mark("prove"), last=Mark("gone", fails=True)), cost=HourlyCost(0.5, "EUR")
    )
    await run_drill(costly, folder=tmp_path)
    (note,) = begun_drills(world.site.vault)
    later = datetime.now(UTC) + timedelta(hours=2)
    told = replace(note, hours=3).sentence(later)
    assert "did not end" in told
    assert "about 1.00 EUR so far" in told
    assert "drill --clean" in told
