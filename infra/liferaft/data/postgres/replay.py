"""To the last byte that any vault holds: list the archive, look for holes, wait until replayed."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from liferaft.data.failures import ReplayNotFinished, RestoreFailed
from liferaft.data.postgres import obstacles
from liferaft.data.postgres.configuration import Repository, get_file
from liferaft.data.postgres.fetches import CERTAIN, Stuck, fetches, stuck, times_absent
from liferaft.data.postgres.holdings import list_segments, that_answer
from liferaft.data.postgres.layout import GET_END, Cluster, Database
from liferaft.data.postgres.session import status
from liferaft.data.postgres.wal import (
    History,
    Reach,
    Segment,
    format_lsn,
    reach,
    segment_ended_by,
)
from liferaft.failures import Own
from liferaft.remote.acts import act
from liferaft.remote.contract import Host
from liferaft.remote.files import put_changed

_POLL: Final = 0.3
_AT_LEAST_SECONDS: Final = 3300.0
_EACH_SECONDS: Final = 1.0
"""What a segment takes that is fetched by itself over a slow line; fetched ahead it takes a
fraction (`benchmarks/replay.py`)."""
LINGER_SECONDS: Final = 15.0
"""How long the archive is followed beyond what it held after the fence. An old primary that is
still alive adds to it for ever, and its epoch is over."""


def replay_seconds(segments: int) -> float:
    """How long a replay of so many segments may take before something must be wrong with it."""
    return _AT_LEAST_SECONDS + _EACH_SECONDS * segments


@dataclass(frozen=True)
class Replayed:
    """Where the replay ended, for the epoch's record and the report."""

    lsn: str
    segment: str
    beyond: str
    """The newest segment any vault holds. Later than `segment` across a hole, or when an old
    primary went on archiving."""
    lost_from: str | None
    """The missing or damaged segment that was given up, with all that follows it."""
    without: tuple[str, ...] = ()
    """Vaults that did not answer: what is later and lies in them alone is lost."""


@dataclass
class ReplayProgress:
    """What a replay waits for and what it sees: for whoever watches, and for a passed deadline."""

    sees: str = "it begins"


async def replay_to_end(
    host: Host,
    database: Database,
    sources: Sequence[Repository],
    *,
    left_out: Sequence[Repository] = (),
    timeline: int,
    deadline: float,
    lose_from: str | None = None,
    progress: ReplayProgress | None = None,
) -> Replayed:
    """The standby holds everything the vaults hold. Call it AFTER the fence.

    `left_out` are archives that the restore was made without: each is asked once whether it answers
    this server. From now on the standby fetches from exactly those that are waited for.

    The rule: the standby has replayed as far as the listing went, N or later; N+1 was answered "not
    there" twice by every repository since the listing; the replay LSN lies in (start of N, end of
    N]: a record may cross the boundary, so equality with the end would be wrong. Then the archive
    is listed again: an old primary that is still alive may have added to it. It is followed for
    LINGER_SECONDS; then the end is settled, and later segments are not fetched any more.

    ArchiveHole, and ArchiveDamaged for a segment that is not what was written, unless it is the
    one that `lose_from` names: then the end is just before it. VaultSilent. ReplayNotFinished
    after `deadline` seconds.
    """
    await _set_end(host, None)
    answering = await that_answer(host, database.cluster, left_out)
    sources = (*sources, *answering)
    silent = {one.vault.name for one in left_out} - {one.vault.name for one in answering}
    await put_changed(host, [get_file(sources, database.cluster)])
    progress = progress or ReplayProgress()
    try:
        async with asyncio.timeout(deadline):
            history = await history_of(host, database.cluster, timeline)
            wait = _Replay(host, database, sources, history, lose_from, progress)
            done = await wait.to_end(lambda: list_segments(host, database.cluster, sources))
            return replace(done, without=tuple(sorted(silent)))
    except TimeoutError:
        raise ReplayNotFinished(
            f"The standby did not reach the end of the archive within {deadline:.0f} s: "
            f"{progress.sees}.",
            safe=Own("It goes on replaying; nothing is promoted."),
            do="Run the same command again.",
        ) from None


async def _set_end(host: Host, last: Segment | None) -> None:
    """Let no segment later than `last` be fetched from now on; None lets any that is there be
    fetched."""
    await host.put(GET_END, f"{last.name}\n".encode() if last else b"", mode=0o644)


@dataclass
class _Replay:
    """One wait for the end of the archive."""

    host: Host
    database: Database
    sources: Sequence[Repository]
    history: History
    lose_from: str | None
    progress: ReplayProgress
    end: int | None = None
    """The number of the last segment that is fetched, once that is settled."""
    gave_up: bool = False
    lingers_until: float | None = None
    """The moment when the first listing's end was reached, by our own clock."""

    async def to_end(self, list_archive: Callable[[], Awaitable[frozenset[Segment]]]) -> Replayed:
        reached: int | None = None
        while True:
            self.progress.sees = "the archive is being listed"
            since = await clock(self.host)
            held = await list_archive()
            now = await status(self.host)
            found = reach(self._wanted(held), self.history, replayed=now.lsn)
            if found.holes and found.holes[0].name != self.lose_from:
                raise obstacles.hole(found)
            self.gave_up = self.gave_up or bool(found.holes)
            if reached is not None and found.last.number <= reached:
                return Replayed(
                    lsn=format_lsn(now.lsn),
                    segment=found.last.name,
                    beyond=reach(held, self.history, replayed=now.lsn).newest.name,
                    lost_from=self.lose_from if self.gave_up else None,
                )
            reached = await self._catch_up(found, held, since)

    def _wanted(self, held: frozenset[Segment]) -> frozenset[Segment]:
        return held if self.end is None else frozenset(s for s in held if s.number <= self.end)

    async def _catch_up(self, goal: Reach, held: frozenset[Segment], since: float) -> int:
        """The number of the segment at whose end the standby stands, and finds no later one."""
        while True:
            lsn = (await status(self.host)).lsn
            here = segment_ended_by(lsn)
            self.progress.sees = self._seen(lsn, goal)
            rows = fetches(await obstacles.fetch_log(self.host), since=since)
            absent = times_absent(rows, self.history.segment(here + 1).name) >= CERTAIN
            at_end = here >= goal.last.number or (self.end is not None and here >= self.end)
            if at_end and absent:
                return here
            obstacles.require_answers(rows, self.sources)
            if found := stuck(rows):
                await self._stop_before(found, here, held)
            elif at_end:
                await self._follow(here)
            await asyncio.sleep(_POLL)

    def _seen(self, lsn: int, goal: Reach) -> str:
        here = segment_ended_by(lsn)
        stands = f"replayed to {format_lsn(lsn)}, in {self.history.segment(here).name}; "
        left = goal.last.number - here
        if left > 0:
            return stands + f"waiting for {goal.last.name}, files of WAL left: {left}"
        beyond = self.history.segment(here + 1).name
        return stands + f"none that was listed is left; waiting for {beyond}, or that it is nowhere"

    async def _follow(self, here: int) -> None:
        now = time.monotonic()
        self.lingers_until = self.lingers_until or now + LINGER_SECONDS
        if self.end is None and now > self.lingers_until:
            await self._end_at(here + 1)

    async def _stop_before(self, found: Stuck, here: int, held: frozenset[Segment]) -> None:
        if found.file == self.lose_from:
            self.gave_up = True
            await self._end_at(here)
            return
        later = sum(1 for one in held if one.number > here + 1)
        raise await obstacles.damaged(self.host, self.database, self.sources, found, later)

    async def _end_at(self, number: int) -> None:
        self.end = number
        await _set_end(self.host, self.history.segment(number))


async def clock(host: Host) -> float:
    """The host's own clock: the fetch log is written by it, and ours may differ."""
    return float(await act(host, ["date", "+%s.%N"], doing="Reading the host's clock"))


async def history_of(host: Host, cluster: Cluster, timeline: int) -> History:
    """The history of the pinned timeline, read from the standby's own pg_wal, where recovery keeps
    it."""
    if timeline == 1:
        return History(1)
    path = f"{cluster.data}/pg_wal/{timeline:08X}.history"
    text = await act(
        host,
        ["cat", path],
        doing=f"Reading the history of timeline {timeline}",
        failure=RestoreFailed,
    )
    return History.parse(timeline, text)
