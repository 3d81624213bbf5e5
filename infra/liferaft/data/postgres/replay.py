"""To the last byte that any vault holds: list the archive, look for holes, wait until replayed."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from liferaft.data.failures import ReplayNotFinished, RestoreFailed, VaultSilent
from liferaft.data.postgres import obstacles
from liferaft.data.postgres.configuration import (
    Repository,
    asking_file,
    get_file,
    newest_first,
)
from liferaft.data.postgres.fetches import CERTAIN, Stuck, fetches, stuck, times_absent
from liferaft.data.postgres.layout import ASK, GET, GET_END, Cluster, Database
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
from liferaft.failures import DeadlinePassed, Own
from liferaft.remote.acts import act, as_user, succeeds
from liferaft.remote.contract import Host, Unreachable
from liferaft.remote.files import put_changed

_log = logging.getLogger(__name__)
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


@dataclass
class ReplayProgress:
    """What a replay waits for and what it sees: for whoever watches, and for a passed deadline."""

    sees: str = "it begins"


async def list_segments(
    host: Host, cluster: Cluster, sources: Sequence[Repository]
) -> frozenset[Segment]:
    """Every whole segment that any repository holds. VaultSilent when one does not answer."""
    several = len({one.vault.name for one in sources}) > 1
    held: set[Segment] = set()
    for number, one in enumerate(newest_first(sources), start=1):
        pgbackrest = f"pgbackrest --config={GET} --repo={number} --io-timeout=5"
        # Names alone: the whole listing of a long archive would not fit into one answer.
        listing = f"{pgbackrest} --recurse repo-ls {cluster.archive}"
        script = f"set -o pipefail; {listing} | sed 's#.*/##'"
        without = (
            " If it is gone for good, run the same command again all the same: a vault that does "
            "not answer as the command begins is left out, and what it alone holds is lost. If it "
            "answers you and not this server, take it out of liferaft.toml before you do so, with "
            "the same loss, and name it there again afterwards."
        )
        safe = Own("The standby goes on replaying; nothing is promoted.")
        way = (
            f"Make vault {one.vault.name} reachable, then run the same command again."
            f"{without if several else ''}"
        )
        doing = f"Listing the archive of epoch {one.epoch} in vault {one.vault.name}"
        try:
            answer = await act(
                host,
                as_user("postgres", "bash", "-c", script),
                doing=doing,
                deadline=120,
                failure=VaultSilent,
                safe=safe,
                do=way,
            )
        except DeadlinePassed as late:
            if isinstance(late, Unreachable) or not several:
                raise
            raise VaultSilent(f"{doing} failed: {late}.", safe=safe, do=way) from late
        held |= archived(answer.splitlines())
    return frozenset(held)


async def _that_answer(
    host: Host, cluster: Cluster, left_out: Sequence[Repository]
) -> list[Repository]:
    """Those whose vault answers this server after all, whoever else it does not answer: what it
    alone holds is restored as well."""
    if not left_out:
        return []
    await put_changed(host, [asking_file(left_out, cluster)])
    there: dict[str, bool] = {}
    for number, one in enumerate(newest_first(left_out), start=1):
        if one.vault.name not in there:
            asked = ["timeout", "8", "pgbackrest", f"--config={ASK}", f"--repo={number}"]
            argv = as_user("postgres", *asked, "--io-timeout=2", "repo-ls", cluster.archive)
            there[one.vault.name] = await succeeds(host, argv)
            said = "answers this server, and is used" if there[one.vault.name] else "is left out"
            _log.warning("Vault %s did not answer at first: it %s.", one.vault.name, said)
    return [one for one in left_out if there[one.vault.name]]


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
    sources = (*sources, *await _that_answer(host, database.cluster, left_out))
    await put_changed(host, [get_file(sources, database.cluster)])
    progress = progress or ReplayProgress()
    try:
        async with asyncio.timeout(deadline):
            history = await history_of(host, database.cluster, timeline)
            wait = _Replay(host, database, sources, history, lose_from, progress)
            return await wait.to_end(lambda: list_segments(host, database.cluster, sources))
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
            since = await _clock(self.host)
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


async def _clock(host: Host) -> float:
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
