"""The runner: order, overlap, journaling before and after, and how a failure ends a run."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import pytest

from liferaft.failures import Failure
from liferaft.journal import LeaseLost
from liferaft.journal.holder import Holder
from liferaft.journal.process import Process
from liferaft.moves import runner
from liferaft.moves.runner import Permit, StepEvent, StepsFailed, run
from liferaft.plan import telling
from liferaft.plan.inputs import Inputs
from liferaft.plan.plan import Plan
from liferaft.plan.step import Step
from liferaft.site.world import World

HERE = Inputs(site="here", epoch=1, reigns=True)


class Stage:
    """Where the steps of these tests leave their marks: what they change instead of a world."""

    def __init__(self) -> None:
        self.marks: list[str] = []
        self.reached: set[str] = set()
        self.meet: dict[str, asyncio.Event] = {}


@dataclass(frozen=True)
class Mark:
    name: str
    fails: str = ""
    lies: bool = False
    waits_for: str = ""
    opens: str = ""

    async def holds(self, world: World) -> bool:
        return self.name in cast("Stage", world).reached

    async def apply(self, world: World) -> Mapping[str, Any]:
        stage = cast("Stage", world)
        stage.marks.append(self.name)
        if self.opens:
            stage.meet.setdefault(self.opens, asyncio.Event()).set()
        if self.waits_for:
            await stage.meet.setdefault(self.waits_for, asyncio.Event()).wait()
        if self.fails:
            raise Failure(self.fails, do="Mend it.")
        if not self.lies:
            stage.reached.add(self.name)
        return {"mark": self.name}

    async def prove(self, world: World) -> None:
        if self.name not in cast("Stage", world).reached:
            raise Failure(f"{self.name} is not there")


class Pages:
    def __init__(self) -> None:
        self.rows: list[tuple[str, Mapping[str, Any]]] = []

    async def event(self, kind: str, **facts: Any) -> None:
        self.rows.append((kind, facts))


def step(mark: Mark, *needs: str, deadline: float = 60.0) -> Step:
    return Step(mark.name, f"Reach {mark.name}", mark, needs=needs, deadline=deadline)


async def granted() -> None:
    """Nobody took over."""


async def go(
    *steps: Step, stage: Stage | None = None, permit: Permit = granted
) -> tuple[Stage, Pages, list[StepEvent], runner.Result]:
    stage, pages, events = stage or Stage(), Pages(), list[StepEvent]()
    plan = Plan("deploy", HERE, steps)
    result = await run(plan, cast("World", stage), pages, events.append, permit=permit)
    return stage, pages, events, result


async def test_independent_steps_overlap() -> None:
    left = Mark("left", opens="left-began", waits_for="right-began")
    right = Mark("right", opens="right-began", waits_for="left-began")
    stage, *_ = await go(step(left), step(right))
    assert stage.reached == {"left", "right"}


async def test_a_step_starts_only_after_all_that_it_needs() -> None:
    stage, *_ = await go(step(Mark("c"), "a", "b"), step(Mark("a")), step(Mark("b"), "a"))
    assert stage.marks == ["a", "b", "c"]


async def test_what_holds_already_is_not_done_again() -> None:
    stage = Stage()
    stage.reached.add("a")
    _, pages, _, result = await go(step(Mark("a")), step(Mark("b"), "a"), stage=stage)
    assert stage.marks == ["b"]
    assert (result.held, result.changed) == (("a",), ("b",))
    assert ("step-held", {"step": "a"}) in pages.rows


async def test_every_step_is_in_the_journal_before_and_after() -> None:
    _, pages, *_ = await go(step(Mark("a")))
    assert [kind for kind, _ in pages.rows] == ["step-started", "step-done"]


async def test_a_failure_starts_nothing_new_lets_others_end_and_names_the_way_out() -> None:
    slow = Mark("slow", opens="slow-began", waits_for="failed-began")
    bad = Mark("bad", fails="refused by the vendor", opens="failed-began", waits_for="slow-began")
    stage = Stage()
    with pytest.raises(StepsFailed, match="Step bad failed: refused by the vendor") as caught:
        await go(step(slow), step(bad), step(Mark("after"), "slow", "bad"), stage=stage)
    assert caught.value.facts.do == "Mend it."
    assert "slow" in stage.reached
    assert "after" not in stage.marks


async def test_a_step_that_says_done_and_is_not_is_a_failure() -> None:
    with pytest.raises(StepsFailed, match="a is not there"):
        await go(step(Mark("a", lies=True)))


async def test_a_step_past_its_deadline_fails_and_says_what_was_waited_for() -> None:
    with pytest.raises(StepsFailed, match=r"Reach a: not finished within 0 seconds"):
        await go(step(Mark("a", waits_for="nobody"), deadline=0.05))


async def test_a_run_after_a_failure_goes_on_where_it_was() -> None:
    stage = Stage()
    with pytest.raises(StepsFailed):
        await go(step(Mark("a")), step(Mark("b", fails="no"), "a"), stage=stage)
    await go(step(Mark("a")), step(Mark("b"), "a"), stage=stage)
    assert stage.marks == ["a", "b", "b"]


@dataclass(frozen=True)
class Told:
    """Waits until somebody has heard what it sees."""

    name: str

    async def holds(self, world: World) -> bool:
        return False

    async def apply(self, world: World) -> Mapping[str, Any]:
        stage = cast("Stage", world)
        async with telling.tell_meanwhile(lambda: f"{self.name} sees rain"):
            await stage.meet[self.name].wait()
        return {}

    async def prove(self, world: World) -> None:
        """Nothing is promised."""


async def test_a_step_that_waits_says_what_it_sees_while_it_waits_and_not_in_the_journal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(telling, "EVERY_SECONDS", 0.001)
    stage, pages, heard = Stage(), Pages(), list[tuple[str, Any]]()
    stage.meet = {name: asyncio.Event() for name in "ab"}

    def watch(event: StepEvent) -> None:
        if event.kind == "waits" and "under way" not in event.facts["seen"]:
            heard.append((event.step, event.facts["seen"]))
            stage.meet[event.step].set()

    steps = tuple(Step(name, f"Reach {name}", Told(name)) for name in "ab")
    await run(
        Plan("deploy", HERE, steps),
        cast("World", stage),
        pages,
        watch,
        permit=granted,
    )
    assert set(heard) == {("a", "a sees rain"), ("b", "b sees rain")}
    assert {kind for kind, _ in pages.rows} == {"step-started", "step-done"}


async def test_a_step_that_says_nothing_of_itself_is_said_to_be_under_way_and_for_how_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(telling, "EVERY_SECONDS", 0.001)
    stage, pages = Stage(), Pages()
    stage.meet = {"heard": asyncio.Event()}

    def watch(event: StepEvent) -> None:
        if event.kind == "waits":
            assert event.facts["seen"] == "under way for 0 s, of 60 s at most"
            stage.meet["heard"].set()

    plan = Plan("deploy", HERE, (step(Mark("a", waits_for="heard")),))
    await run(plan, cast("World", stage), pages, watch, permit=granted)
    assert stage.meet["heard"].is_set()


async def test_a_question_that_hangs_does_not_make_a_wait_silent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(telling, "EVERY_SECONDS", 0.001)
    heard = asyncio.Event()
    telling.heard_by(lambda seen: heard.set() if seen == "under way" else None)

    async def hangs() -> str:
        return str(await asyncio.Event().wait())

    async with telling.never_silent(lambda: "under way"), telling.tell_meanwhile(hangs):
        await heard.wait()
    assert heard.is_set()


async def test_a_step_that_does_not_end_after_another_failed_is_cancelled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runner, "GRACE_SECONDS", 0.05)
    endless = Mark("endless", opens="began", waits_for="nobody")
    bad = Mark("bad", fails="no", waits_for="began")
    with pytest.raises(StepsFailed, match="bad"):
        await go(step(endless), step(bad))


class TakenOver:
    """A permit that is refused from the `after`th time on."""

    def __init__(self, after: int) -> None:
        self.left = after

    async def __call__(self) -> None:
        self.left -= 1
        if self.left < 0:
            other = Process("ann@laptop", 4711, "elsewhere", "1")
            moment = "2026-11-22T14:00:00.000Z"
            raise LeaseLost(Holder(other, "run-2", moment, moment, "", "failover of north"))


@pytest.mark.parametrize("asked", range(4))
async def test_a_run_that_was_taken_over_begins_no_further_step(asked: int) -> None:
    """Asked before a step looks at the world and before it acts, twice in each of two steps."""
    stage = Stage()
    with pytest.raises(LeaseLost, match=r"ann@laptop .* the failover of north"):
        await go(step(Mark("a")), step(Mark("b"), "a"), stage=stage, permit=TakenOver(asked))
    assert stage.marks == ["a"][: asked // 2]


async def test_a_run_that_was_taken_over_stops_what_is_under_way_and_writes_no_more() -> None:
    """The journal may be the other run's by then."""
    stage, pages = Stage(), Pages()
    long = step(Mark("long", opens="began", waits_for="never"))
    plan = Plan("deploy", HERE, (long, step(Mark("a", waits_for="began")), step(Mark("b"), "a")))
    permit = TakenOver(4)
    with pytest.raises(LeaseLost):
        await run(plan, cast("World", stage), pages, permit=permit)
    assert sorted(stage.marks) == ["a", "long"]
    assert "step-failed" not in {kind for kind, _ in pages.rows}
    assert stage.reached == {"a"}
