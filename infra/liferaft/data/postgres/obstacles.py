"""What keeps a replay from the end of the archive and does not mend itself, told with its price."""

from collections.abc import Sequence
from typing import Final

from liferaft.data.failures import ArchiveDamaged, ArchiveHole, VaultSilent
from liferaft.data.postgres.configuration import Repository, newest_first
from liferaft.data.postgres.fetches import SILENT_SECONDS, Fetch, Stuck, fetches, silent, stuck
from liferaft.data.postgres.layout import GET_LOG, STANZA, Database
from liferaft.data.postgres.primary import last_heartbeat
from liferaft.data.postgres.session import is_running
from liferaft.data.postgres.wal import Reach
from liferaft.failures import Own
from liferaft.remote.acts import HostActFailed, act
from liferaft.remote.contract import Host

ON_ITS_WAY: Final = Own("The standby goes on replaying; nothing is promoted.")
_BACK: Final = "then run the same command again: everything is restored."


async def fetch_log(host: Host) -> str:
    """Its newest lines."""
    script = f"[ ! -e {GET_LOG} ] || tail -n 300 {GET_LOG}"
    return await act(host, ["bash", "-c", script], doing="Reading the fetch log")


async def require_start(host: Host, sources: Sequence[Repository]) -> None:
    """ArchiveDamaged or VaultSilent when a standby that is starting cannot be fed: it does not
    answer yet."""
    rows = fetches(await fetch_log(host), since=0.0)
    found = stuck(rows)
    if (found is None and silent(rows) is None) or await is_running(host):
        return
    require_answers(rows, sources)
    if found is not None:
        happened, details = _told(found, sources)
        raise ArchiveDamaged(
            happened,
            safe=Own("The copy that was being started stays incomplete."),
            do=f"Put the object back as it was, {_BACK} A later recovery point does not need it.",
            details=details,
        )


def require_answers(rows: Sequence[Fetch], sources: Sequence[Repository]) -> None:
    """Raise VaultSilent where what is waited for may lie in a vault that does not answer, and the
    same command goes on without it. The only one is waited for: there is nothing else."""
    found = silent(rows)
    # A question that began before the archives were named anew counts them as they were.
    if found is None or found.repository > len(sources) or not _are_several(sources):
        return
    source = newest_first(sources)[found.repository - 1]
    raise VaultSilent(
        f"Vault {source.vault.name} has not answered the server for {SILENT_SECONDS:.0f} s, while "
        f"WAL file {found.file} is waited for, which no other vault has.",
        safe=ON_ITS_WAY,
        do=way_past(source, sources),
        details={"vault": source.vault.name, "file": found.file},
    )


def way_past(source: Repository, sources: Sequence[Repository]) -> str:
    """What to do where this one is silent, and what it costs where there are others. Pure."""
    vault = source.vault.name
    back = f"Make vault {vault} reachable, then run the same command again."
    if not _are_several(sources):
        return back
    return (
        f"{back} If it is gone for good, run the same command again all the same: a vault that "
        "does not answer as the command begins is left out, and what it alone holds is lost. If it "
        "answers you and not this server, take it out of liferaft.toml before you do so, with the "
        "same loss, and name it there again afterwards."
    )


def _are_several(sources: Sequence[Repository]) -> bool:
    return len({one.vault.name for one in sources}) > 1


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
