"""Where the application stands: read from the vault alone."""

from dataclasses import dataclass

from liferaft.journal import list_runs, read_run
from liferaft.recovery import point as points
from liferaft.recovery.point import NoRecoveryPoint
from liferaft.vault import EpochChain, Vault


@dataclass(frozen=True)
class Standing:
    """Who reigns since when (UTC, ISO 8601), what could be restored, what was not finished.

    All None and empty before the first deploy. `unfinished` are names of runs of this reign.
    """

    epoch: int | None
    site: str | None
    since: str | None
    newest_point: str | None
    unfinished: tuple[str, ...]


def standing(vault: Vault) -> Standing:
    """The standing as the vault shows it now. Blocks."""
    current = EpochChain(vault).current()
    if current is None:
        return Standing(None, None, None, None, ())
    try:
        newest = points.newest(vault, current.epoch).name
    except NoRecoveryPoint:
        newest = None
    unfinished = tuple(
        str(name)
        for name in list_runs(vault)
        if name.epoch == current.epoch and not read_run(vault, name).closed
    )
    return Standing(current.epoch, current.site, current.at, newest, unfinished)
