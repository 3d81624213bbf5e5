"""Prune: recovery points that the policy does not keep go, in each vault by itself.

First the notes by which anybody would find them, so that what is killed leaves whole points alone;
then what no point needs any more.
"""

from collections.abc import Iterator

from liferaft.config import Config
from liferaft.data import registry
from liferaft.data.deleting import DELETE_SECONDS
from liferaft.data.kind import DataPlace
from liferaft.data.surplus import Surplus
from liferaft.moves.actions.prune import DeleteEpoch, ForgetPoints
from liferaft.moves.pruned import EpochGoing, PruneInputs, VaultPruning
from liferaft.plan.plan import Plan
from liferaft.plan.step import Step

MOVE = "prune"
_MEGABYTE = 10**6


def plan(config: Config, inputs: PruneInputs) -> Plan:
    """The plan of a pruning; without a step where nothing goes."""
    steps = (step for one in inputs.vaults if one.has_work for step in _of(config, inputs, one))
    return Plan(MOVE, inputs, tuple(steps))


def _of(config: Config, inputs: PruneInputs, one: VaultPruning) -> Iterator[Step]:
    """One after the other: pgBackRest on one server does one thing with a vault at a time."""
    steps = [_forget(one)]
    for surplus in one.surplus:
        steps += _spare(config, inputs, surplus, needs=(steps[-1].name,))
    for epoch in one.epochs:
        steps.append(_epoch(one, epoch, needs=(steps[-1].name,)))
    yield from steps


def _forget(one: VaultPruning) -> Step:
    count = len(one.goes)
    points = f"{count} recovery point{'' if count == 1 else 's'}"
    return Step(
        f"points-{one.vault}",
        f"See that no run needs what goes, and forget {points} in vault {one.vault}",
        ForgetPoints(
            one.vault,
            tuple((point.epoch, point.name) for point in one.goes),
            one.notes,
            one.oldest,
            tuple(name for surplus in one.surplus for name in surplus.names if "/" in name),
        ),
        deadline=DELETE_SECONDS,
        after=f"vault {one.vault} does not list the recovery points that were to go",
    )


def _spare(
    config: Config, inputs: PruneInputs, surplus: Surplus, needs: tuple[str, ...]
) -> Iterator[Step]:
    for kind, name in registry.kept(config):
        if kind.name == surplus.kind:
            at = DataPlace(config, inputs.site, inputs.epoch, name)
            yield from kind.spare(at, surplus, needs)
            return


def _epoch(one: VaultPruning, going: EpochGoing, needs: tuple[str, ...]) -> Step:
    return Step(
        f"epoch-{one.vault}-{going.epoch}",
        f"Delete {going.objects} objects of epoch {going.epoch}, of which no recovery point stays, "
        f"in vault {one.vault}",
        DeleteEpoch(one.vault, going.epoch, going.spared),
        needs=needs,
        deadline=DELETE_SECONDS,
    )


def sentences(built: Plan) -> tuple[str, ...]:
    """What stays and why, what goes and what that frees: read before it is agreed to. Empty for
    other moves."""
    if not isinstance(built.inputs, PruneInputs):
        return ()
    told = [line for one in built.inputs.vaults for line in _told(one)]
    return (*told, *built.inputs.left)


def _told(one: VaultPruning) -> Iterator[str]:
    for point in one.stays:
        yield f"{one.vault}: {point.name} of epoch {point.epoch} stays: {', '.join(point.why)}"
    for going in one.goes:
        restored = _megabytes(going.size)
        yield f"{one.vault}: {going.name} of epoch {going.epoch} GOES ({restored} to restore)"
    for surplus in one.surplus:
        beside = f", and {_megabytes(surplus.archive)} of its archive" if surplus.archive else ""
        yield (
            f"{one.vault}: of {surplus.kind} in epoch {surplus.epoch} nothing needs "
            f"{', '.join(surplus.names[:3]) or 'what is older than all that stays'}"
            f"{f' and {len(surplus.names) - 3} more' if len(surplus.names) > 3 else ''}"  # noqa: PLR2004
            f": {_megabytes(surplus.size)}{beside}"
        )
    for epoch in one.epochs:
        freed = _megabytes(epoch.size)
        yield f"{one.vault}: all that was kept in epoch {epoch.epoch} GOES: {freed}"
    if not one.stays:
        yield f"{one.vault}: it holds no recovery point, and nothing in it is touched"
    elif one.has_work:
        yield f"{one.vault}: {_megabytes(one.size)} less in all"


def _megabytes(size: int) -> str:
    return f"{size / _MEGABYTE:.1f} MB"
