"""What keeps a replay from the end of the archive and does not mend itself, told with its price."""

from collections.abc import Sequence
from typing import Final

from liferaft.data.failures import ArchiveDamaged, ArchiveHole
from liferaft.data.postgres.configuration import Repository, newest_first
from liferaft.data.postgres.fetches import Stuck, fetches, stuck
from liferaft.data.postgres.layout import GET_LOG, STANZA, Database
from liferaft.data.postgres.primary import last_heartbeat
from liferaft.data.postgres.session import is_running
from liferaft.data.postgres.wal import Reach
from liferaft.failures import Own
from liferaft.remote.acts import HostActFailed, act
from liferaft.remote.contract import Host

_BACK: Final = "then run the same command again: everything is restored."


async def fetch_log(host: Host) -> str:
    """Its newest lines."""
    script = f"[ ! -e {GET_LOG} ] || tail -n 300 {GET_LOG}"
    return await act(host, ["bash", "-c", script], doing="Reading the fetch log")


async def require_start(host: Host, sources: Sequence[Repository]) -> None:
    """ArchiveDamaged when a standby that is starting cannot be fed: it does not answer yet."""
    found = stuck(fetches(await fetch_log(host), since=0.0))
    if found is not None and not await is_running(host):
        happened, details = _told(found, sources)
        raise ArchiveDamaged(
            happened,
            safe=Own("The copy that was being started stays incomplete."),
            do=f"Put the object back as it was, {_BACK} A later recovery point does not need it.",
            details=details,
        )


async def damaged(
    host: Host, database: Database, sources: Sequence[Repository], found: Stuck, later: int
) -> ArchiveDamaged:
    """later: how many segments lie beyond it."""
    happened, details = _told(found, sources)
    until = await _written_until(host, database)
    return ArchiveDamaged(
        happened,
        safe=Own(
            f"The standby stays just before it, with what was written until {until}; "
            "nothing is promoted."
        ),
        do=f"Put the object back as it was, from a copy or a version that the vault keeps, {_BACK} "
        f"{_go_on(found.file)}: what was written after {until} is lost then, in this file and "
        f"{later} later ones.",
        details={**details, "written_until": until, "later": str(later)},
    )


def hole(found: Reach) -> ArchiveHole:
    """Segments are missing before the newest one."""
    first, count = found.holes[0].name, len(found.holes)
    return ArchiveHole(
        f"The archive has a hole: {first} is in no vault, {found.newest.name} is.",
        safe=Own("The standby stays before the hole; nothing is promoted."),
        do=f"Bring back what the vault held, {_BACK} "
        f"{_go_on(first)}: all that lies beyond the hole is lost then.",
        details={"first": first, "missing": str(count), "newest": found.newest.name},
    )


def _go_on(file: str) -> str:
    return f"Or go on to just before it, with the same command and `--lose-from {file}`"


def _told(found: Stuck, sources: Sequence[Repository]) -> tuple[str, dict[str, str]]:
    details = {"file": found.file, "reason": found.reason}
    if found.repository is None:
        return f"WAL file {found.file} of the archive is of no use: {found.reason}.", details
    source = newest_first(sources)[found.repository - 1]
    details["vault"] = source.vault.name
    details["object"] = f"{source.path.lstrip('/')}/archive/{STANZA}/{found.object}"
    return (
        f"WAL file {found.file} in vault {source.vault.name} is damaged: {found.reason}.",
        details,
    )


async def _written_until(host: Host, database: Database) -> str:
    try:
        beat = await last_heartbeat(host, database)
    except HostActFailed:
        return "a moment that cannot be told"
    return beat.at.isoformat(timespec="seconds")
