"""What of a bucket is in each vault not yet, asked of the server that keeps it."""

from typing import Final

from liferaft.data.bucket.keeper import KEPT
from liferaft.data.exposure import Backlog
from liferaft.remote.acts import act
from liferaft.remote.contract import Host

_SECONDS: Final = 10.0
_ASK: Final = f"""
date +%s.%N
cd {KEPT} 2>/dev/null || exit 0
for kept in */"$1"; do
    [ ! -f "$kept" ] || echo "${{kept%%/*}} $(cat "$kept")"
done
"""


async def ask(host: Host, name: str) -> tuple[Backlog, ...]:
    """By vault: since when its last whole copy was begun, as the archiver is told. How many objects
    came since nobody counts there."""
    argv = ["bash", "-c", _ASK, "-", name]
    answer = await act(host, argv, doing="Asking how far copies are", deadline=_SECONDS)
    return lags_of(answer)


def lags_of(said: str) -> tuple[Backlog, ...]:
    """What the server's answer means. Pure."""
    clock, *rows = said.splitlines()
    found = (row.partition(" ") for row in rows)
    return tuple(_lag(vault, began, float(clock)) for vault, _, began in found)


def _lag(vault: str, began: str, now: float) -> Backlog:
    if not began:
        return Backlog(vault, why="no copy there is whole yet")
    return Backlog(vault, max(0.0, now - float(began)))
