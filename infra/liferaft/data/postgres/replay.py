"""To the last byte that any vault holds: list the archive, look for holes, wait until replayed."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

from liferaft.data.failures import ArchiveHole, ReplayNotFinished, RestoreFailed, VaultSilent
from liferaft.data.hostwork import act, as_user
from liferaft.data.postgres.configuration import Repository, newest_first
from liferaft.data.postgres.layout import ARCHIVE, DATA, ETC, GET, GET_LOG
from liferaft.data.postgres.session import status
from liferaft.data.postgres.wal import (
    History,
    Reach,
    Segment,
    archived,
    format_lsn,
    reach,
    segment_ended_by,
)
from liferaft.failures import Own
from liferaft.remote.contract import Host

_POLL: Final = 0.3
_ABSENT_TWICE: Final = 2


@dataclass(frozen=True)
class Replayed:
    """Where the replay ended, for the epoch's record and the report."""

    lsn: str
    segment: str
    timeline: int
    system_id: str
    holes: tuple[str, ...]
    """Segments that no vault holds though it holds later ones: accepted by name by the operator."""
    beyond: str
    """The newest segment any vault holds; later than `segment` only across a hole."""


async def listed(
    host: Host, sources: Sequence[Repository], *, without: Collection[str] = ()
) -> frozenset[Segment]:
    """Every whole segment that any repository holds. VaultSilent when one does not answer.

    `without` names vaults whose silence the operator has accepted.
    """
    held: set[Segment] = set()
    for number, one in enumerate(newest_first(sources), start=1):
        if one.vault.name in without:
            continue
        pgbackrest = f"pgbackrest --config={GET} --repo={number} --io-timeout=5"
        # Names alone: the whole listing of a long archive would not fit into one answer.
        script = f"set -o pipefail; {pgbackrest} --recurse repo-ls {ARCHIVE} | sed 's#.*/##'"
        answer = await act(
            host,
            as_user("postgres", "bash", "-c", script),
            doing=f"Listing the archive of epoch {one.epoch} in vault {one.vault.name}",
            deadline=120,
            failure=VaultSilent,
            safe=Own("The standby goes on replaying; nothing is promoted."),
            do=f"Make vault {one.vault.name} reachable, or accept by name to go on without it.",
        )
        held |= archived(answer.splitlines())
    return frozenset(held)


async def gone_without(host: Host, sources: Sequence[Repository], without: Collection[str]) -> None:
    """Takes vaults off the standby's list: else its fetches, and the promotion, wait for them."""
    numbers = [
        str(number)
        for number, one in enumerate(newest_first(sources), start=1)
        if one.vault.name in without
    ]
    path = f"{ETC}/get.out"
    await host.put(path, "".join(f"{n}\n" for n in numbers).encode(), mode=0o644)


async def replayed_to_end(
    host: Host,
    sources: Sequence[Repository],
    *,
    timeline: int,
    deadline: float,
    without: Collection[str] = (),
    accept_holes: bool = False,
) -> Replayed:
    """The standby holds everything the vaults hold. Call it AFTER the fence.

    The rule: the last segment N is delivered, N+1 was answered "not there" twice by every
    repository since the listing, and the replay LSN lies in (start of N, end of N]: a record may
    cross the boundary, so equality with the end would be wrong. Then the archive is listed again:
    an old primary that is still alive may have added to it.

    ArchiveHole unless accepted; VaultSilent; ReplayNotFinished after `deadline` seconds.
    """
    await gone_without(host, sources, without)
    progress = _Progress()
    try:
        async with asyncio.timeout(deadline):
            history = await _history(host, timeline)
            return await _replayed(
                host,
                lambda: listed(host, sources, without=without),
                history,
                accept_holes=accept_holes,
                progress=progress,
            )
    except TimeoutError:
        raise ReplayNotFinished(
            f"The standby did not reach the end of the archive within {deadline:.0f} s.",
            safe=Own("It goes on replaying; nothing is promoted."),
            do="Run the same command again.",
            details={"wanted": progress.wanted, "replayed": format_lsn(progress.lsn)},
        ) from None


@dataclass
class _Progress:
    """What a passed deadline can say of the wait."""

    wanted: str = "nothing yet"
    lsn: int = 0


async def _replayed(
    host: Host,
    list_archive: Callable[[], Awaitable[frozenset[Segment]]],
    history: History,
    *,
    accept_holes: bool,
    progress: _Progress,
) -> Replayed:
    goal: Reach | None = None
    while True:
        since = await _clock(host)
        held = await list_archive()
        now = await status(host)
        found = reach(held, history, replayed=now.lsn)
        if found.holes and not accept_holes:
            raise _hole(found)
        if goal is not None and found.last == goal.last:
            return Replayed(
                lsn=format_lsn(now.lsn),
                segment=found.last.name,
                timeline=history.timeline,
                system_id=now.system_id,
                holes=tuple(hole.name for hole in found.holes),
                beyond=found.newest.name,
            )
        goal = found
        progress.wanted = goal.last.name
        await _caught_up(host, goal, history, since, progress)


async def _caught_up(
    host: Host, goal: Reach, history: History, since: float, progress: _Progress
) -> None:
    next_one = history.segment(goal.last.number + 1).name
    while True:
        progress.lsn = (await status(host)).lsn
        at_end = segment_ended_by(progress.lsn) == goal.last.number
        if at_end and await _times_absent(host, next_one, since) >= _ABSENT_TWICE:
            return
        await asyncio.sleep(_POLL)


async def _clock(host: Host) -> float:
    """The host's own clock: the fetch log is written by it, and ours may differ."""
    return float(await act(host, ["date", "+%s.%N"], doing="Reading the host's clock"))


async def _times_absent(host: Host, segment: str, since: float) -> int:
    script = f"[ ! -e {GET_LOG} ] || tail -n 300 {GET_LOG}"
    text = await act(host, ["bash", "-c", script], doing="Reading the fetch log")
    return times_absent(text, segment, since)


def times_absent(log: str, segment: str, since: float) -> int:
    """Lines `TIME EXIT FILE` that say: every repository answered that it is not there. Pure."""
    rows = (line.split() for line in log.splitlines())
    return sum(1 for row in rows if row[1:] == ["1", segment] and float(row[0]) > since)


async def _history(host: Host, timeline: int) -> History:
    """From the standby's own pg_wal, where recovery keeps the pinned timeline's history."""
    if timeline == 1:
        return History(1)
    path = f"{DATA}/pg_wal/{timeline:08X}.history"
    text = await act(
        host,
        ["cat", path],
        doing=f"Reading the history of timeline {timeline}",
        failure=RestoreFailed,
    )
    return History.parse(timeline, text)


def _hole(found: Reach) -> ArchiveHole:
    first, count = found.holes[0].name, len(found.holes)
    return ArchiveHole(
        f"The archive has a hole: {first} is in no vault, {found.newest.name} is.",
        safe=Own("The standby stays before the hole; nothing is promoted."),
        do="Bring the vault that holds it, or accept the hole: what lies beyond it is lost.",
        details={"first": first, "missing": str(count), "newest": found.newest.name},
    )
