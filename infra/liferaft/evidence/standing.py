"""Where the application stands: read from the vault alone."""

from dataclasses import dataclass

from liferaft.moves.reign import destroyed_at
from liferaft.moves.unfinished import open_runs
from liferaft.recovery import point as points
from liferaft.recovery.point import NoRecoveryPoint
from liferaft.vault import EpochChain, Vault


@dataclass(frozen=True)
class Standing:
    """Who reigns since when (UTC, ISO 8601), what could be restored, what was not finished.

    Nothing reigns before the first deploy has claimed it. `destroyed_at`: when the site that reigns
    was deleted; nothing serves then. `unfinished` are names of runs that their
    command would go on with, the newest first.
    """

    epoch: int | None
    site: str | None
    since: str | None
    destroyed_at: str | None
    newest_point: str | None
    unfinished: tuple[str, ...]


def standing(vault: Vault) -> Standing:
    """The standing as the vault shows it now. Blocks."""
    unfinished = tuple(str(run.name) for run in open_runs(vault))
    current = EpochChain(vault).current()
    if current is None:
        return Standing(None, None, None, None, None, unfinished)
    try:
        newest = points.newest(vault, current.epoch).name
    except NoRecoveryPoint:
        newest = None
    gone = destroyed_at(vault, current.epoch)
    return Standing(current.epoch, current.site, current.at, gone, newest, unfinished)
