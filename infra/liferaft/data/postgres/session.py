"""Questions to the cluster on a host, as the superuser over its socket."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from liferaft.data.failures import RestoreFailed
from liferaft.data.postgres.layout import Cluster
from liferaft.data.postgres.wal import parse_lsn
from liferaft.failures import DeadlinePassed
from liferaft.remote.acts import QUICK, HostActFailed, act, as_user, last_words
from liferaft.remote.contract import Host, Unreachable

_PSQL = ("psql", "-XqAt", "-v", "ON_ERROR_STOP=1")
_POLL = 0.25
_PATIENCE: Final = 60.0
"""Seconds for a stop: a checkpoint comes first, of a large memory perhaps."""


async def execute(
    host: Host,
    statements: str,
    *,
    doing: str,
    database: str = "postgres",
    values: Mapping[str, str] | None = None,
    deadline: float = QUICK,
    failure: type[HostActFailed] = HostActFailed,
) -> str:
    """Runs statements given over standard input: nothing of them is in any argv.

    `values` are psql variables: `:'name'` in the statements is their quoted literal.
    """
    variables = "".join(f"\\set {name} {quoted(value)}\n" for name, value in (values or {}).items())
    return await act(
        host,
        as_user("postgres", *_PSQL, "-d", database),
        stdin=(variables + statements).encode(),
        doing=doing,
        deadline=deadline,
        failure=failure,
    )


def quoted(value: str) -> str:
    """A word of psql's own commands."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


async def ask(
    host: Host,
    query: str,
    *,
    doing: str,
    database: str = "postgres",
    values: Mapping[str, str] | None = None,
) -> Any:
    """The JSON value of one SELECT of one json column and one row; None without a row."""
    answer = await execute(host, query, doing=doing, database=database, values=values)
    return json.loads(answer) if answer.strip() else None


@dataclass(frozen=True)
class Status:
    """What a running cluster says of itself."""

    in_recovery: bool
    lsn: int
    """Replayed, when in recovery; else written."""
    timeline: int
    system_id: str


_STATUS = """
select json_build_object(
    'in_recovery', pg_is_in_recovery(),
    'lsn', case when pg_is_in_recovery() then pg_last_wal_replay_lsn()
                else pg_current_wal_lsn() end,
    'recovering', (select min_recovery_end_timeline from pg_control_recovery()),
    'writing', case when not pg_is_in_recovery() then pg_walfile_name(pg_current_wal_lsn()) end,
    'system_id', (select system_identifier::text from pg_control_system()))
"""


async def status(host: Host) -> Status:
    """After a promotion `pg_control_checkpoint()` still names the old timeline, so the name of the
    segment being written is asked instead."""
    answer = await ask(host, _STATUS, doing="Asking PostgreSQL for its state")
    writing = answer["writing"]
    return Status(
        in_recovery=answer["in_recovery"],
        lsn=parse_lsn(answer["lsn"] or "0/0"),
        timeline=int(writing[:8], 16) if writing else answer["recovering"],
        system_id=answer["system_id"],
    )


async def is_running(host: Host) -> bool:
    completed = await host.run(
        as_user("postgres", *_PSQL, "-d", "postgres", "-c", "select 1"),
        deadline=QUICK,
        check=False,
    )
    return completed.exit_code == 0


async def _look_at_nothing() -> None:
    """Nothing more is looked at while the cluster starts."""


async def start_cluster(
    host: Host,
    cluster: Cluster,
    *,
    deadline: float,
    doing: str,
    look: Callable[[], Awaitable[None]] = _look_at_nothing,
) -> None:
    """Starts the cluster and returns once it answers queries (a standby: once it is consistent).

    The start itself does not block: replay to the consistent point may outlast any start timeout.
    look: raises what makes waiting vain.
    """
    await act(host, ["systemctl", "start", "--no-block", cluster.unit], doing=doing)
    try:
        async with asyncio.timeout(deadline):
            while not await is_running(host):
                await _require_not_failed(host, cluster, doing)
                await look()
                await asyncio.sleep(_POLL)
    except TimeoutError:
        raise RestoreFailed(
            f"{doing} failed: PostgreSQL did not answer within {deadline:.0f} s.",
            do="Read the cluster's log on the host, then run the same command again.",
            details={"log": await _log(host, cluster)},
        ) from None


async def restart_cluster(host: Host, cluster: Cluster, *, deadline: float, doing: str) -> None:
    await stop_cluster(host, cluster, deadline=deadline, doing=doing)
    await start_cluster(host, cluster, deadline=deadline, doing=doing)


async def stop_cluster(
    host: Host, cluster: Cluster, *, deadline: float = 120.0, doing: str = "Stopping PostgreSQL"
) -> None:
    """Stops the cluster. One that does not stop when it is asked is ended as by a crash, from which
    it recovers at its next start: what was committed is on its disk.

    A standby that systemd stops while it still starts gets SIGTERM, and may wait for ever then
    (PostgreSQL 17, seen).
    """
    stop = ["systemctl", "stop", cluster.unit]
    try:
        await act(host, stop, doing=doing, deadline=min(deadline, _PATIENCE))
    except Unreachable:
        raise
    except DeadlinePassed:
        end = ["systemctl", "kill", "--kill-whom=main", "--signal=SIGQUIT", cluster.unit]
        await act(host, end, doing=doing)
        await act(host, stop, doing=doing, deadline=deadline)


async def _require_not_failed(host: Host, cluster: Cluster, doing: str) -> None:
    asked = ["systemctl", "is-failed", cluster.unit]
    completed = await host.run(asked, deadline=QUICK, check=False)
    if completed.text == "failed":
        raise RestoreFailed(
            f"{doing} failed: PostgreSQL would not start.",
            do="Read the cluster's log on the host, then run the same command again.",
            details={"log": await _log(host, cluster)},
        )


async def _log(host: Host, cluster: Cluster) -> str:
    asked = ["tail", "-n", "12", cluster.log]
    completed = await host.run(asked, deadline=QUICK, check=False)
    return last_words(completed)
