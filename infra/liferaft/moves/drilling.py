"""One drill from beginning to end: run, told, and taken down whatever came of it.

It holds a lease of its own, so that two drills exclude each other and no move waits for one. Before
each step it looks whether somebody really moves the application: then it gives way.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from liferaft.failures import DeadlinePassed, Failure, Held, Own
from liferaft.journal import (
    Journal,
    JournalLost,
    Lease,
    LeaseHeld,
    LeaseLost,
    RunName,
    hold_lease,
    require_free,
)
from liferaft.journal.process import Process
from liferaft.moves import drill
from liferaft.moves.about import about_session
from liferaft.moves.actions.isolate import sentences
from liferaft.moves.begun_drills import BegunDrill, drills_of, forget_begun_at, note_begun
from liferaft.moves.denied_here import denied_here
from liferaft.moves.drill import DrillInputs
from liferaft.moves.drill_spending import Meter
from liferaft.moves.drill_verdict import DrillVerdict, missed
from liferaft.moves.runner import StepEvent, run
from liferaft.moves.trial_costs import HourlyCost
from liferaft.moves.uninterrupted import to_its_end
from liferaft.plan.plan import Plan
from liferaft.site.world import World
from liferaft.vault import EpochChain, Vault

VERDICT: Final = "drill-verdict"
"""The event that says what came of it."""
MOVING: Final = ("failover", "deploy", "destroy")
"""What a drill gives way to, by the first word of what a lease is for."""


@dataclass(frozen=True)
class PlannedDrill:
    """A drill that was agreed to.

    afterword: what is asked once it has failed. ending: what follows whatever comes of it. world:
    the site of the drill, over vaults that nothing is written to. vault: the vaults as they are,
    for the drill's own records. cost: an estimate of what it makes costs by the hour.
    """

    plan: Plan
    afterword: Plan
    ending: Plan
    world: World
    vault: Vault
    inputs: DrillInputs
    cost: HourlyCost | None = None

    @property
    def shown(self) -> Plan:
        """All that will be done, its end included."""
        return drill.whole(self.plan, self.ending)


class MoveUnderWay(Held):
    """Somebody really moves the application: no drill stands in the way."""


async def run_drill(
    planned: PlannedDrill,
    *,
    folder: Path,
    watch: Callable[[StepEvent], None] = lambda _: None,
    take_over: bool = False,
) -> DrillVerdict:
    """Run it, delete all that it made, and say what came of it.

    folder: where journals are kept on local disk. Raises LeaseHeld while another drill or a move is
    under way, before anything is made. What interrupts it is raised once everything is deleted; if
    that was under way already, the verdict stands."""
    plan, records = planned.plan, drills_of(planned.vault)
    await asyncio.to_thread(_require_still, planned)
    name = RunName.new(plan.epoch, datetime.now(UTC))
    planned.world.run.name = str(name)
    what = f"drill of {planned.inputs.standby}"
    async with (
        hold_lease(records, str(name), what=what, take_over=take_over) as lease,
        planned.world,
    ):
        begun = _begun(planned, str(name))
        await asyncio.to_thread(note_begun, planned.vault, begun)
        journal = await Journal.begin(
            name,
            move=plan.move,
            site=plan.site,
            inputs=plan.inputs.to_json(),
            digest=plan.digest(),
            vaults=[records],
            folder=folder,
            about=await asyncio.to_thread(_about, planned),
        )
        played = _Played(planned, journal, watch, lease)
        try:
            with denied_here((*planned.inputs.forbidden, *planned.inputs.denied_hosts)):
                await played.play()
        except LeaseLost:
            raise  # what there is may be another drill's by now
        except BaseException:
            await to_its_end(played.take_down())
            raise
        await to_its_end(played.take_down())
        verdict = played.verdict()
        with suppress(JournalLost):  # the verdict is told all the same
            await journal.event(VERDICT, **verdict.to_json())
            if verdict.failure is None and verdict.left is None:
                await journal.finish(changed=[], held=[])
    return verdict


class _Played:
    """What is known of a drill as it goes on."""

    def __init__(
        self,
        planned: PlannedDrill,
        journal: Journal,
        watch: Callable[[StepEvent], None],
        lease: Lease,
    ) -> None:
        self.planned, self.journal, self.watch, self.lease = planned, journal, watch, lease
        self.began = datetime.now(UTC)
        self.ended: datetime | None = None
        self.unproven = set(drill.proven_by(planned.plan, planned.inputs))
        self.replayed: datetime | None = None
        """When all was replayed: the primary writes on, and its archive grows, all the while."""
        self.until: float | None = None
        self.denied: Sequence[Mapping[str, Any]] = ()
        self.failure: Failure | None = None
        self.left: Failure | None = None
        self.meter = Meter()

    async def play(self) -> None:
        """Every step up to the last proof, within [drill]'s deadline. What failed is kept for the
        verdict."""
        planned, longest = self.planned, self.planned.world.site.config.drill.deadline
        try:
            async with asyncio.timeout(longest.total_seconds()) as deadline:
                log, permit = self.journal, self._permit
                await run(planned.plan, planned.world, log, self._heard, permit=permit)
        except LeaseLost:
            raise
        except TimeoutError:
            if not deadline.expired():
                raise
            self.failure = _late(longest)
            await self._hear_what_was_denied()
        except Failure as failure:
            self.failure = failure
            await self._hear_what_was_denied()

    async def _hear_what_was_denied(self) -> None:
        """Of a drill that failed, as far as its servers can be asked."""
        planned = self.planned
        with suppress(Failure):
            await run(planned.afterword, planned.world, self.journal, self._heard, permit=_always)

    async def take_down(self) -> None:
        """Nothing of it is left at its cloud, or it is told what may be."""
        ending, world = self.planned.ending, self.planned.world
        try:
            await run(ending, world, _Forgiving(self.journal), self.watch, permit=_always)
            self.meter.stop()
            await asyncio.to_thread(forget_begun_at, self.planned.vault, world.site.name)
        except Failure as failure:
            self.left = failure

    def verdict(self) -> DrillVerdict:
        rto = None if self.ended is None else _seconds(self.ended, self.began)
        rpo, targets = self._rpo(), self.planned.world.site.config.targets
        data_only = self.planned.inputs.data_only
        of_app = missed("rto", rto, targets.rto) if not data_only else ()
        return DrillVerdict(
            run=str(self.journal.name),
            site=self.planned.inputs.standby,
            rto=rto,
            rpo=rpo,
            missed=(*of_app, *missed("rpo", rpo, targets.rpo)),
            data_only=data_only,
            failure=self.failure,
            left=self.left,
            hidden=tuple(sentences(self.denied)),
            spent=None if self.planned.cost is None else self.meter.spent(self.planned.cost),
            without=tuple(self.planned.inputs.denied),
            seed=self.planned.inputs.seed,
        )

    def _rpo(self) -> float | None:
        if self.replayed is None or self.until is None:
            return None
        return max(0.0, round(self.replayed.timestamp() - self.until, 1))

    def _heard(self, event: StepEvent) -> None:
        self.meter.hear(event)
        match event.kind, event.step:
            case "done" | "held", "replay":
                self.replayed = datetime.now(UTC)
            case "done" | "held", step if step in self.unproven:
                self.unproven.remove(step)
                self.ended = None if self.unproven else datetime.now(UTC)
        self.until = event.facts.get("recovered_until", self.until)
        self.denied = event.facts.get("denied", self.denied)
        self.watch(event)

    async def _permit(self) -> None:
        await self.lease.require_in_thread()
        await asyncio.to_thread(_require_still, self.planned)


class _Forgiving:
    """A log without which things are deleted all the same: they cost."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def event(self, kind: str, **facts: Any) -> None:
        with suppress(JournalLost):
            await self._journal.event(kind, **facts)


def _late(longest: timedelta) -> DeadlinePassed:
    minutes = longest.total_seconds() / 60
    return DeadlinePassed(
        f"The drill did not come to its end within {minutes:.0f} minutes",
        do="See its report for what took so long. drill.deadline gives it more time.",
    )


def _about(planned: PlannedDrill) -> dict[str, Any]:
    """For the report. Blocks."""
    site = planned.world.site
    told = about_session(planned.shown, site.config, site.vault)
    if planned.cost is not None:
        told["costs"] = {"sentence": planned.cost.sentence(site.ends_after or 0)}
    return told


def _require_still(planned: PlannedDrill) -> None:
    """Raise MoveUnderWay where somebody moves the application, or has since this was planned.
    Blocks."""
    try:
        require_free(planned.vault)
    except LeaseHeld as held:
        if held.holder.what.startswith(MOVING):
            raise MoveUnderWay(
                f"A {held.holder.what} is under way, by {held.holder.process.who}: the drill of "
                f"{planned.inputs.standby} gives way to it",
                safe=Own("That run uses none of the drill's servers."),
                do="Run the drill again when it is through.",
            ) from held
    current = EpochChain(planned.vault).current()
    if current is not None and current.epoch != planned.inputs.from_epoch:
        raise MoveUnderWay(
            f"Epoch {current.epoch} at {current.site} has begun since this drill was planned",
            safe=Own("The drill's servers are not of that reign."),
            do="Run the drill again: it is of the reign that is over.",
        )


def _begun(planned: PlannedDrill, name: str) -> BegunDrill:
    site = planned.world.site
    return BegunDrill(
        run=name,
        standby=planned.inputs.standby,
        site=site.name,
        cloud=site.declared.cloud,
        region=site.declared.region,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        who=Process.this().who,
        hours=site.ends_after or 0,
        hourly=planned.cost.hourly if planned.cost else None,
        currency=planned.cost.currency if planned.cost else "",
    )


def _seconds(later: datetime, earlier: datetime) -> float:
    return round((later - earlier).total_seconds(), 1)


async def _always() -> None:
    """What is only deleted waits for nobody's word."""
