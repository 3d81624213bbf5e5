"""A standby that stops at a moment: it replays what was committed before, and waits there."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from liferaft.data.failures import ArchiveHole, ReplayNotFinished
from liferaft.data.postgres import obstacles
from liferaft.data.postgres.configuration import Repository
from liferaft.data.postgres.fetches import CERTAIN, fetches, stuck, times_absent
from liferaft.data.postgres.layout import Database
from liferaft.data.postgres.replay import ReplayProgress, clock, history_of
from liferaft.data.postgres.session import ask
from liferaft.data.postgres.wal import parse_lsn, segment_ended_by
from liferaft.failures import Own
from liferaft.remote.contract import Host

_POLL: Final = 0.3
_REACHED: Final = """
select json_build_object('state', pg_get_wal_replay_pause_state(), 'lsn', pg_last_wal_replay_lsn(),
    'at', pg_last_xact_replay_timestamp())
"""


def options(until: str | None) -> tuple[str, ...]:
    """What pgBackRest is told for it. What was committed at that very moment is left out. Pure."""
    if until is None:
        return ()
    return (
        f"--recovery-option=recovery_target_time={until}",
        "--recovery-option=recovery_target_inclusive=off",
        "--recovery-option=recovery_target_action=pause",
    )


async def replay_until(
    host: Host,
    database: Database,
    sources: Sequence[Repository],
    *,
    until: str,
    timeline: int,
    deadline: float,
    progress: ReplayProgress,
) -> dict[str, Any]:
    """The standby has replayed everything before the moment, and nothing of it or later; it waits
    there for its promotion. Where it stands.

    It needs no fence: what an old primary adds is later. ArchiveDamaged, ArchiveHole where the
    archive does not reach so far, VaultSilent, ReplayNotFinished.
    """
    try:
        async with asyncio.timeout(deadline):
            history = await history_of(host, database.cluster, timeline)
            begun = await clock(host)
            while True:
                row = await ask(host, _REACHED, doing="Asking how far the replay is")
                if row["state"] == "paused":
                    return {"lsn": row["lsn"], "written_until": row["at"]}
                log = fetches(await obstacles.fetch_log(host), since=0.0)
                obstacles.require_answers([one for one in log if one.at > begun], sources)
                if found := stuck(log):
                    raise await obstacles.damaged(host, database, sources, found, later=0)
                wanted = history.segment(segment_ended_by(parse_lsn(row["lsn"])) + 1).name
                progress.sees = f"replayed to {row['lsn']}, written at {row['at']}; to {until}"
                if times_absent(log, wanted) > CERTAIN:
                    raise _ends(wanted, row["at"], until)
                await asyncio.sleep(_POLL)
    except TimeoutError:
        raise ReplayNotFinished(
            f"The standby did not come to {until} within {deadline:.0f} s: {progress.sees}.",
            safe=Own("It goes on replaying; nothing is promoted."),
            do="Run the same command again.",
        ) from None


def _ends(wanted: str, at: str | None, until: str) -> ArchiveHole:
    told = "" if at is None else f" What was written until {datetime.fromisoformat(at)} is there."
    return ArchiveHole(
        f"The archive does not reach to {until}: {wanted} is in no vault.{told}",
        safe=Own("The standby stays before it; nothing is promoted."),
        do="Bring back what the vault held, then run the same command again. Or name an earlier "
        "moment with `--at`.",
        details={"first": wanted},
    )
