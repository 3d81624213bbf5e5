"""What of a database is in each vault not yet, asked of its server."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from liferaft.data.exposure import Backlog
from liferaft.data.postgres.layout import ETC, SPOOL, Cluster
from liferaft.remote.acts import HostActFailed, act
from liferaft.remote.contract import Host

_PROGRAM: Final = Path(__file__).with_name("unarchived.py")
_SECONDS: Final = 10.0
_WHY: Final = {
    "out": "TAKEN OUT: it gets no WAL",
    "incomplete": "it came back, and has no backup since",
}


async def ask(host: Host, cluster: Cluster) -> tuple[Backlog, ...]:
    """By vault of this epoch. Raises HostActFailed where the server cannot tell."""
    answer = await act(
        host,
        ["python3", "-I", "-", f"{cluster.data}/pg_wal", ETC, SPOOL],
        doing="Asking what is not archived yet",
        deadline=_SECONDS,
        stdin=_PROGRAM.read_bytes(),
        do="See the server's PostgreSQL log.",
    )
    return lags_of(json.loads(answer))


def lags_of(told: Mapping[str, Any]) -> tuple[Backlog, ...]:
    """What the server's answer means. Raises HostActFailed where it has none. Pure."""
    if "trouble" in told:
        raise HostActFailed(f"What is not archived yet is not known: {told['trouble']}")
    return tuple(
        Backlog(row["vault"], row["seconds"], row["size"], why=_WHY.get(row["note"]))
        for row in told["vaults"]
    )
