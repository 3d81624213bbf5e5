"""Runs that did not end: which of them can still be gone on with."""

from dataclasses import dataclass

from liferaft.failures import Failure, Refused
from liferaft.journal import RunRecord, find_unfinished, list_runs, what_is_left
from liferaft.plan.inputs import Inputs
from liferaft.recovery.retention import PointKey
from liferaft.vault import EpochChain, EpochRecord, Vault


def is_superseded(inputs: Inputs, current: EpochRecord | None) -> bool:
    """Whether a plan built from these inputs may not run any more: another epoch has begun since.

    A plan of an epoch that is over would write under its epoch, and one that wants an epoch which
    another site took could never reach it.
    """
    if current is None or current.epoch < inputs.epoch:
        return False
    if current.epoch > inputs.epoch:
        return True
    return inputs.reigns and current.site != inputs.site


def resumable(vault: Vault, *, move: str, site: str) -> RunRecord | None:
    """The run that a command goes on with, if there is one. Blocks.

    Raises Damaged if it may be the one that began the site's reign, and cannot be read; Refused if
    another version began it, from other facts.
    """
    current = EpochChain(vault).current()
    began_epoch = {current.run} if current is not None and current.site == site else set()
    run = find_unfinished(vault, move=move, site=site, needed=began_epoch)
    if run is None or _is_over(run, current):
        return None
    return run


def _is_over(run: RunRecord, current: EpochRecord | None) -> bool:
    """The same question as `is_superseded` answers, about a run. Its name tells its epoch,
    whichever version began it."""
    if current is not None and current.epoch > run.name.epoch:
        return True
    return is_superseded(Inputs.from_json(run.inputs), current)


@dataclass(frozen=True)
class Runs:
    """What the journals of this epoch say, the newest first.

    Attributes:
        open: every run that its command would go on with.
        faults: events that are damaged or missing, of whichever run, and runs of which this
            version cannot tell whether they are open. They stop nothing by themselves.
    """

    open: tuple[RunRecord, ...]
    faults: tuple[Failure, ...]


def runs_of_epoch(vault: Vault) -> Runs:
    """The runs of the current epoch, and of one that is about to begin. Blocks."""
    current = EpochChain(vault).current()
    seen: set[tuple[str, str]] = set()
    found: list[RunRecord] = []
    faults: list[Failure] = []
    for name in list_runs(vault):
        if current is not None and name.epoch < current.epoch:
            break
        run = what_is_left(vault, name)
        faults += run.faults
        if not run.has_beginning:
            continue
        kind = (run.move, run.site)
        try:
            if kind not in seen and not run.is_finished and not _is_over(run, current):
                found.append(run)
        except Refused as other:  # another version began it: to look at the rest stays possible
            said = f"Run {run.name} is not looked at. {other.facts.happened}"
            faults.append(Refused(said, safe=other.facts.safe, do=other.facts.do))
        seen.add(kind)
    return Runs(tuple(found), tuple(faults))


_MAY_HAVE_BROUGHT = frozenset({"deploy", "failover", "snapshot"})
"""Moves by which something may lie in the vault that is not named there yet."""


@dataclass(frozen=True)
class OpenRuns:
    """What the runs of this epoch need that their commands would go on with.

    Attributes:
        points: recovery points that they take, restore, or bring something back from.
        are_bringing: whether one of them may have brought to the vault what it has not noted yet.
    """

    points: frozenset[PointKey]
    are_bringing: bool


def open_runs(vault: Vault) -> OpenRuns:
    """Read before anything is deleted: so the fault of a run of which nobody knows what it was for,
    and whether it ended, is raised (Damaged or JournalBroken). Blocks."""
    current = EpochChain(vault).current()
    seen: set[tuple[str, str]] = set()
    found: list[RunRecord] = []
    for name in list_runs(vault):
        if current is not None and name.epoch < current.epoch:
            break
        run = what_is_left(vault, name)
        if not run.has_beginning:
            if not run.is_finished:
                raise run.faults[0]
            continue
        kind = (run.move, run.site)
        if kind not in seen and not run.is_finished and not _is_over(run, current):
            found.append(run)
        seen.add(kind)
    points = (_point_of(run) for run in found)
    bringing = (run.move in _MAY_HAVE_BROUGHT and run.inputs.get("reigns") for run in found)
    return OpenRuns(frozenset(one for one in points if one is not None), any(bringing))


def _point_of(run: RunRecord) -> PointKey | None:
    told = run.inputs
    if "point" not in told:
        return None
    return PointKey(int(told.get("point_epoch", told["epoch"])), str(told["point"]))
