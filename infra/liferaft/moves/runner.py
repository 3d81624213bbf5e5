"""Runs a plan: every step as soon as what it needs is through, journaled before and after."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any, Protocol

from liferaft.failures import DeadlinePassed, Failure, Own
from liferaft.journal import LeaseLost
from liferaft.moves.account import Account
from liferaft.plan.plan import Plan
from liferaft.plan.step import Step
from liferaft.plan.telling import heard_by, never_silent
from liferaft.site.gone import CONNECTION, explained
from liferaft.site.world import World

GRACE_SECONDS = 20.0
"""How long steps under way may go on after another step failed, before they are cancelled."""

UNCHANGED = "unchanged"
"""A fact by which `apply` says, as true, that it found nothing to change."""


@dataclass(frozen=True)
class StepEvent:
    """Something that happened to a step: `started`, `held`, `done` or `failed`; or `waits`, which
    is watched and not journaled, with what the step sees as the fact `seen`.
    """

    kind: str
    step: str
    sentence: str
    facts: Mapping[str, Any]


class Log(Protocol):
    """Where events are kept. Durable on return."""

    async def event(self, kind: str, **facts: Any) -> None: ...


Permit = Callable[[], Awaitable[None]]
"""Raises LeaseLost when this run may not go on: another one has taken its place."""


class StepsFailed(Failure):
    """At least one step failed. Everything finished before it stays; the same command goes on."""


@dataclass(frozen=True)
class Result:
    """What a run did: names of steps that changed something, and of those that held already."""

    changed: tuple[str, ...]
    held: tuple[str, ...]


async def run(
    plan: Plan,
    world: World,
    log: Log,
    watch: Callable[[StepEvent], None] = lambda _: None,
    account: Account | None = None,
    *,
    permit: Permit,
) -> Result:
    """Run every step of the plan, each only after `permit` was asked. `account`: what earlier
    attempts at it did.

    Raises LeaseLost when `permit` does, without a word in the journal, which may be another run's
    by then: nothing new is started, and steps under way are cancelled. Raises StepsFailed after the
    first failure: nothing new is started, and steps under way get GRACE_SECONDS to end.
    Running again is resuming, since each step first asks whether it holds.
    """
    runner = _Runner(plan, world, log, watch, account=account or Account(), permit=permit)
    return await runner.run()


class _Runner:
    def __init__(
        self,
        plan: Plan,
        world: World,
        log: Log,
        watch: Callable[[StepEvent], None],
        *,
        account: Account,
        permit: Permit,
    ) -> None:
        self.plan, self.world, self.log, self.watch = plan, world, log, watch
        self.account, self.permit = account, permit
        self.failures: dict[str, Failure] = {}
        self.changed: list[str] = []
        self.held: list[str] = []

    async def run(self) -> Result:
        steps = {step.name: step for step in self.plan.steps}
        graph = TopologicalSorter({name: step.needs for name, step in steps.items()})
        graph.prepare()
        running: set[asyncio.Task[str]] = set()
        try:
            while graph.is_active() and not self.failures:
                running |= {asyncio.create_task(self._one(steps[n])) for n in graph.get_ready()}
                done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    graph.done(task.result())
            if running:
                await asyncio.wait(running, timeout=GRACE_SECONDS)
        finally:
            await _cancel(running)
        if self.failures:
            raise self._failure() from next(iter(self.failures.values()))
        return Result(tuple(self.changed), tuple(self.held))

    async def _one(self, step: Step) -> str:
        heard_by(
            lambda seen: self.watch(StepEvent("waits", step.name, step.sentence, {"seen": seen}))
        )
        try:
            async with asyncio.timeout(step.deadline) as deadline, never_silent(_under_way(step)):
                await self._reach(step)
        except TimeoutError:
            if not deadline.expired():
                raise  # a socket's, say: not ours to explain
            await self._fail(step, _late(step))
        except LeaseLost:
            raise  # no fault of the step, and no longer ours to write down
        except Failure as failure:
            if isinstance(failure, CONNECTION):
                failure = await explained(self.world.site, failure)
            await self._fail(step, failure)
        return step.name

    async def _reach(self, step: Step) -> None:
        await self.permit()
        await self._say("started", step, {"needs": list(step.needs)})
        if await step.action.holds(self.world):
            self.held.append(step.name)
            await self._say("held", step, {})
            return
        await self.permit()  # looking at the world may have taken a while
        facts = await step.action.apply(self.world)
        await step.action.prove(self.world)
        unchanged = facts.get(UNCHANGED) is True
        (self.held if unchanged else self.changed).append(step.name)
        await self._say("held" if unchanged else "done", step, facts)

    async def _fail(self, step: Step, failure: Failure) -> None:
        self.failures[step.name] = failure
        facts = failure.facts
        await self._say(
            "failed",
            step,
            {
                "happened": facts.happened,
                "safe": self.account.safe(self.plan, step.name, facts.safe),
                "do": facts.do,
                "details": dict(facts.details),
            },
        )

    async def _say(self, kind: str, step: Step, facts: Mapping[str, Any]) -> None:
        self.account.note(kind, step.name)
        await self.log.event(f"step-{kind}", step=step.name, **facts)
        self.watch(StepEvent(kind, step.name, step.sentence, facts))

    def _failure(self) -> StepsFailed:
        name, first = next(iter(self.failures.items()))
        others = {n: f.facts.happened for n, f in self.failures.items() if n != name}
        return StepsFailed(
            f"Step {name} failed: {first.facts.happened}",
            safe=self.account.safe(self.plan, name, first.facts.safe),
            do=first.facts.do or "Mend the cause, then run the same command: it goes on from here.",
            details={**first.facts.details, **others},
        )


def _under_way(step: Step) -> Callable[[], str]:
    """What is said of a step that says nothing of what it waits for."""
    began = time.monotonic()

    def said() -> str:
        return f"under way for {time.monotonic() - began:.0f} s, of {step.deadline:.0f} s at most"

    return said


def _late(step: Step) -> DeadlinePassed:
    return DeadlinePassed(
        f"{step.sentence}: not finished within {step.deadline:.0f} seconds",
        safe=Own("What the step began is kept; it looks at the world before it goes on."),
        do="Run the same command again.",
    )


async def _cancel(tasks: set[asyncio.Task[str]]) -> None:
    """Cancel what is left and wait until it is really gone, so that no step outlives its run."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
