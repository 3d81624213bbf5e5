"""One command's work: what is to be done, agreed to, then done under the lease and the journal."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from liferaft.config import Config
from liferaft.failures import Refused
from liferaft.journal import Journal, RunName, RunRecord, find_unfinished, held
from liferaft.moves import deploy, destroy, facts, failover, snapshot
from liferaft.moves.plan import Plan
from liferaft.moves.runner import Event, Result, run
from liferaft.moves.world import World
from liferaft.vault import Vault

BUILDERS: Mapping[str, Callable[[Config, Mapping[str, Any]], Plan]] = {
    deploy.MOVE: deploy.plan,
    destroy.MOVE: destroy.plan,
    failover.MOVE: failover.plan,
    snapshot.MOVE: snapshot.plan,
}


@dataclass(frozen=True)
class Prepared:
    """A plan that is ready to run; `resumes` is the unfinished run that it goes on with."""

    plan: Plan
    resumes: RunRecord | None = None


def prepare(move: str, site: str | None, config: Config, vault: Vault) -> Prepared:
    """The plan of a move: an unfinished run's, or a new one from the facts in the vault.

    Touches nothing. Blocks. Raises Refused when an unfinished failover was planned differently.
    """
    where = site or facts.reigning(vault).site
    unfinished = find_unfinished(vault, move=move, site=where)
    if unfinished is not None:
        plan = BUILDERS[move](config, unfinished.inputs)
        if plan.digest() == unfinished.digest:
            return Prepared(plan, unfinished)
        if move == failover.MOVE:
            raise _changed(unfinished)
    return Prepared(BUILDERS[move](config, _facts(move, where, config, vault)))


def _facts(move: str, site: str, config: Config, vault: Vault) -> Mapping[str, Any]:
    if move == deploy.MOVE:
        return facts.for_deploy(config, vault, site)
    if move == failover.MOVE:
        return facts.for_failover(config, vault, site)
    if move == destroy.MOVE:
        return facts.for_destroy(config, vault, site)
    return facts.for_snapshot(config, vault)


def _changed(unfinished: RunRecord) -> Refused:
    return Refused(
        f"Run {unfinished.name} of this failover is unfinished, and would be planned differently "
        "by this configuration or version",
        safe="Nothing was done by this command; steps that finished before are unharmed.",
        do="Run it again with the configuration and the version that began it.",
    )


async def execute(
    prepared: Prepared,
    world: World,
    *,
    folder: Path,
    watch: Callable[[Event], None] = lambda _: None,
    take_over: bool = False,
) -> tuple[str, Result]:
    """Run the plan; the run's name and what it did.

    folder: where journals are kept on local disk, beside the vault's copy. Raises LeaseHeld when
    somebody else's run is under way, StepsFailed when a step fails: the same command goes on.
    """
    plan, resumes = prepared.plan, prepared.resumes
    name = resumes.name if resumes else RunName.new(plan.epoch, datetime.now(UTC))
    world.run = str(name)
    async with held(world.vault, str(name), take_over=take_over), world:
        journal = await _journal(prepared, name, world, folder)
        result = await run(plan, world, journal, watch)
        await journal.finish(changed=list(result.changed), held=list(result.held))
    return str(name), result


async def _journal(prepared: Prepared, name: RunName, world: World, folder: Path) -> Journal:
    if prepared.resumes is not None:
        return await Journal.resume(prepared.resumes, vaults=[world.vault], folder=folder)
    plan = prepared.plan
    return await Journal.begin(
        name,
        move=plan.move,
        site=plan.site,
        inputs=plan.inputs,
        digest=plan.digest(),
        vaults=[world.vault],
        folder=folder,
    )
