"""Where the application stands: read from the vault alone."""

from dataclasses import dataclass

from liferaft.moves.reign import destroyed_at
from liferaft.moves.unfinished import runs_of_reign
from liferaft.recovery import point as points
from liferaft.recovery.point import NoRecoveryPoint
from liferaft.vault import Damaged, EpochChain, Vault


@dataclass(frozen=True)
class Standing:
    """Who reigns since when (UTC, ISO 8601), what could be restored, what was not finished.

    Nothing reigns before the first deploy has claimed it. `destroyed_at`: when the site that reigns
    was deleted; nothing serves then. `unfinished` are names of runs that their
    command would go on with, the newest first. `damaged`: what could not be read on the way, in
    words; what is told beside it is what the rest of the vault says.
    """

    epoch: int | None
    site: str | None
    since: str | None
    destroyed_at: str | None
    newest_point: str | None
    unfinished: tuple[str, ...]
    damaged: tuple[str, ...] = ()


def standing(vault: Vault) -> Standing:
    """The standing as the vault shows it now. Blocks. Raises Damaged if it hides who reigns."""
    current = EpochChain(vault).current()
    runs = runs_of_reign(vault)
    unfinished = tuple(str(run.name) for run in runs.open)
    damaged = [fault.facts.happened for fault in runs.faults]
    if current is None:
        return Standing(None, None, None, None, None, unfinished, tuple(damaged))
    try:
        points.newest(vault, current.epoch)
    except Damaged as damage:
        damaged.append(damage.facts.happened)
    except NoRecoveryPoint:
        pass
    newest = points.newest_whole(vault, current.epoch)
    gone = None
    try:
        gone = destroyed_at(vault, current.epoch)
    except Damaged as damage:
        damaged.append(damage.facts.happened)
    name = newest.name if newest else None
    return Standing(current.epoch, current.site, current.at, gone, name, unfinished, tuple(damaged))
