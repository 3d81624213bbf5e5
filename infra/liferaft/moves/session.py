"""One command's work: what is to be done, agreed to, then done under the lease and the journal."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

from liferaft.config import Config
from liferaft.failures import Failure, Held, Refused
from liferaft.journal import (
    Journal,
    LeaseLost,
    RunName,
    RunRecord,
    hold_lease,
    what_is_left,
)
from liferaft.moves import (
    builder,
    clear,
    deploy,
    destroy,
    facts,
    failover,
    machine_image,
    prune,
    schedule,
    snapshot,
)
from liferaft.moves.about import about_session
from liferaft.moves.account import Account
from liferaft.moves.inputs import (
    ClearInputs,
    DeployInputs,
    DestroyInputs,
    FailoverInputs,
    MachineImageInputs,
    ScheduleInputs,
    SnapshotInputs,
)
from liferaft.moves.moment import written
from liferaft.moves.pruned import PruneInputs
from liferaft.moves.pruning import for_prune
from liferaft.moves.runner import Result, StepEvent, run
from liferaft.moves.unfinished import is_superseded, resumable
from liferaft.plan.inputs import Inputs
from liferaft.plan.plan import Plan
from liferaft.site.catching_up import bring_vaults_up, doubt_vaults_after_a_kill
from liferaft.site.site import Site
from liferaft.site.world import World
from liferaft.vault import EpochChain, Vault

InputsT = TypeVar("InputsT", bound=Inputs)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Move(Generic[InputsT]):
    """How a move is decided.

    Attributes:
        inputs: what its plan is built from.
        facts: reads the vault for the inputs of a new plan. Blocks.
        plan: builds the plan from inputs. Pure.
        as_agreed: whether a run that has taken its epoch may only be finished as it was planned.
            Every other run whose plan would be another one now is left, and a new run begins.
        leave_nothing: removes what costs and serves nobody once a run has ended half-way.
    """

    inputs: type[InputsT]
    facts: Callable[[Config, Vault, str], InputsT]
    plan: Callable[[Config, InputsT], Plan]
    as_agreed: bool = False
    leave_nothing: Callable[[Site, int], Awaitable[str]] | None = None

    def plan_again(self, config: Config, run: RunRecord) -> Plan:
        """Plan a run again from its own inputs, by this configuration and version."""
        return self.plan_for(config, self.inputs.from_json(run.inputs))

    def plan_for(self, config: Config, inputs: InputsT) -> Plan:
        """Plan for servers of the system that the inputs name, which liferaft.toml need not."""
        return self.plan(config.on(inputs.system), inputs)


MOVES: Mapping[str, Move[Any]] = {
    clear.MOVE: Move(ClearInputs, facts.for_clear, clear.plan),
    deploy.MOVE: Move(DeployInputs, facts.for_deploy, deploy.plan),
    destroy.MOVE: Move(DestroyInputs, facts.for_destroy, destroy.plan),
    failover.MOVE: Move(FailoverInputs, facts.for_failover, failover.plan, as_agreed=True),
    machine_image.MOVE: Move(
        MachineImageInputs,
        facts.for_machine_image,
        machine_image.plan,
        leave_nothing=builder.leave_nothing,
    ),
    prune.MOVE: Move(PruneInputs, for_prune, prune.plan),
    schedule.MOVE: Move(ScheduleInputs, facts.for_schedule, schedule.plan),
    snapshot.MOVE: Move(SnapshotInputs, facts.for_snapshot, snapshot.plan),
}


@dataclass(frozen=True)
class Prepared:
    """A plan that is ready to run; `resumes` is the unfinished run that it goes on with, `left` one
    that it does not go on with, since it would be planned differently now."""

    plan: Plan
    resumes: RunRecord | None = None
    left: RunRecord | None = None


def prepare(
    move: str,
    site: str | None,
    config: Config,
    vault: Vault,
    *,
    point: str | None = None,
    at: datetime | None = None,
    above: int = 0,
) -> Prepared:
    """The plan of a move: an unfinished run's, or a new one from the facts in the vault.

    Without a site: of the one that reigns. `point`: the recovery point that a failover begins from,
    for another than the newest; `at`: the moment as of which it brings data back; `above`: an epoch
    that was given out, where the vault was put back since, so that a later one is taken, and no run
    of then is gone on with whose epoch is not. Touches nothing.
    Blocks. Raises BadInput for an unknown site, Refused for what may not be done, such as to finish
    a failover in another way.
    """
    where = facts.current_epoch(vault).site if site is None else site
    facts.require_site(config, where)
    unfinished = resumable(vault, move=move, site=where)
    try:
        return _prepare(
            move, where, config, vault, left=unfinished, point=point, at=at, above=above
        )
    except Failure as failure:
        if unfinished is not None:  # its words are of this command alone
            said = Account.of(unfinished)
            plan = MOVES[move].plan_again(config, unfinished)
            failure.facts = replace(failure.facts, safe=said.safe(plan, "", failure.facts.safe))
        raise


def _asks_for_another(unfinished: RunRecord, point: str | None, at: datetime | None) -> bool:
    """Whether a run was begun from another point or as of another moment."""
    begun = unfinished.inputs
    other = at is not None and begun.get("at") != written(at)
    return other or point not in {None, begun.get("point")}


def _prepare(
    move: str,
    where: str,
    config: Config,
    vault: Vault,
    *,
    left: RunRecord | None,
    point: str | None,
    at: datetime | None,
    above: int,
) -> Prepared:
    asked, unfinished = MOVES[move], left
    if unfinished is not None and Inputs.from_json(unfinished.inputs).epoch <= above:
        unfinished = None  # its epoch may have been taken since
    if unfinished is not None and _asks_for_another(unfinished, point, at):
        if _has_its_epoch(unfinished, vault):
            raise _changed(unfinished)
        unfinished = None  # nothing of the primary was touched, and another point is asked for
    if unfinished is not None:
        plan = asked.plan_again(config, unfinished)
        if plan.digest() == unfinished.digest and (
            asked.as_agreed or plan.inputs.is_begun_alike(asked.facts(config, vault, where))
        ):
            return Prepared(plan, unfinished)
        if asked.as_agreed and _has_its_epoch(unfinished, vault):
            raise _changed(unfinished)
    if point is not None or at is not None or above:
        chosen = facts.for_failover(config, vault, where, point, at, above=above)
        return Prepared(asked.plan_for(config, chosen), left=left)
    return Prepared(asked.plan_for(config, asked.facts(config, vault, where)), left=left)


def _has_its_epoch(run: RunRecord, vault: Vault) -> bool:
    """Past the point of no return: before it a person may correct the configuration and begin
    anew, and nothing of the primary was touched."""
    current = EpochChain(vault).current()
    return current is not None and current.epoch >= Inputs.from_json(run.inputs).epoch


def _changed(unfinished: RunRecord) -> Refused:
    return Refused(
        f"Run {unfinished.name} of this {unfinished.move} is unfinished, and would be planned "
        "differently by this configuration or version",
        safe="Nothing was done by this command; steps that finished before are unharmed.",
        do="Run it again with the configuration and the version that began it.",
    )


async def execute(
    prepared: Prepared,
    world: World,
    *,
    folder: Path,
    watch: Callable[[StepEvent], None] = lambda _: None,
    take_over: bool = False,
) -> tuple[str, Result]:
    """Run the plan; the run's name and what it did.

    folder: where journals are kept on local disk, beside the vault's copy. Raises LeaseHeld when
    somebody else's run is under way, LeaseLost before the next step when one took over, Held when
    the application was moved since the plan was built, StepsFailed when a step fails: the same
    command goes on.
    """
    plan, resumes = prepared.plan, prepared.resumes
    name = resumes.name if resumes else RunName.new(plan.epoch, datetime.now(UTC))
    world.run.name = str(name)
    what = f"{plan.move} of {plan.site}"
    async with (
        hold_lease(world.site.vault, str(name), what=what, take_over=take_over) as lease,
        world,
    ):
        await doubt_vaults_after_a_kill(world.site, lease)
        await asyncio.to_thread(_require_still_true, plan, world.site.vault)
        resumes = await asyncio.to_thread(_as_of_now, resumes, world.site.vault)
        journal = await _journal(replace(prepared, resumes=resumes), name, world, folder)
        account = Account.of(resumes) if resumes else Account.of_another(prepared.left)
        try:
            result = await run(plan, world, journal, watch, account, permit=lease.require_in_thread)
        except LeaseLost:
            raise  # what there is may be another run's by now
        except BaseException as end:
            await _leave_nothing(plan, world, end)
            raise
        await journal.finish(changed=list(result.changed), held=list(result.held))
        await bring_vaults_up(world.site)
    return str(name), result


async def _leave_nothing(plan: Plan, world: World, end: BaseException) -> None:
    """Whatever ended the run: what only costs does not outlive it, or is told."""
    remove = MOVES[plan.move].leave_nothing
    if remove is None:
        return
    try:
        said, do = await remove(world.site, plan.epoch), ""
    except Failure as failure:
        said = f"What was built on may still be there, and costs: {failure.facts.happened}."
        do = f"liferaft image delete {plan.site} removes it."
    if isinstance(end, Failure):
        safe = " ".join(filter(None, [end.facts.safe, said]))
        end.facts = replace(end.facts, safe=safe, do=" ".join(filter(None, [end.facts.do, do])))
    elif said:
        _log.warning("%s", f"{said} {do}".strip())


def _require_still_true(plan: Plan, vault: Vault) -> None:
    """Between the plan and the lease a person was asked, and somebody else may have finished."""
    current = EpochChain(vault).current()
    if current is not None and is_superseded(plan.inputs, current):
        raise Held(
            f"Epoch {current.epoch} at {current.site} has begun since this {plan.move} was planned",
            safe="Nothing was done.",
            do="Look at `liferaft status`, then run the same command again: it plans anew.",
        )


def _as_of_now(run: RunRecord | None, vault: Vault) -> RunRecord | None:
    """Until the lease was ours somebody else may have gone on with the run. Raises Held if they
    ended it. Blocks."""
    now = what_is_left(vault, run.name) if run else None
    if now is not None and now.is_finished:
        raise Held(
            f"Run {now.name} has ended since this {now.move} was planned",
            safe="Nothing was done.",
            do="Look at `liferaft status`; run the same command again if there is more to do.",
        )
    return now


async def _journal(prepared: Prepared, name: RunName, world: World, folder: Path) -> Journal:
    plan, vaults = prepared.plan, [world.site.vault]
    about = await asyncio.to_thread(about_session, plan, world.site.config, world.site.vault)
    if prepared.resumes is not None:
        return await Journal.resume(prepared.resumes, vaults=vaults, folder=folder, about=about)
    return await Journal.begin(
        name,
        move=plan.move,
        site=plan.site,
        inputs=plan.inputs.to_json(),
        digest=plan.digest(),
        vaults=vaults,
        folder=folder,
        about=about,
    )
