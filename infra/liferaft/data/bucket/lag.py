"""What of a bucket is in each vault not yet, asked of the server that keeps it."""

from datetime import timedelta
from typing import Final

from liferaft.data.bucket.exposure import BucketExposure, exposures
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
    """By vault. Of one whose keeper is of a version before notes: since when its last whole copy
    was begun, as the archiver is told; how many objects came since nobody counts there."""
    argv = ["bash", "-c", _ASK, "-", name]
    answer = await act(host, argv, doing="Asking how far copies are", deadline=_SECONDS)
    noted = {one.vault: of_note(one) for one in await exposures(host, name)}
    return tuple({**{one.vault: one for one in lags_of(answer)}, **noted}.values())


def of_note(told: BucketExposure) -> Backlog:
    """What a keeper's note means. What it does not know is not known: how many objects came while
    it was not at work or did not get on, or lie behind a listing that is not through. Pure."""
    age = timedelta(seconds=round(told.noted))
    if told.is_stale:
        return Backlog(told.vault, why=f"its keeper has said nothing for {age}")
    why = told.failing or None
    if told.behind is None:
        return Backlog(told.vault, why=why or "no copy there is whole yet")
    seconds = max(told.behind, told.oldest or 0.0)
    if why or not told.is_whole:
        return Backlog(told.vault, seconds, why=why or "the bucket is being listed")
    if told.missing:
        why = f"{told.missing} objects that rows name are nowhere"
    return Backlog(told.vault, seconds, told.size, told.objects, why)


def lags_of(said: str) -> tuple[Backlog, ...]:
    """What the server's answer means. Pure."""
    clock, *rows = said.splitlines()
    found = (row.partition(" ") for row in rows)
    return tuple(_lag(vault, began, float(clock)) for vault, _, began in found)


def _lag(vault: str, began: str, now: float) -> Backlog:
    if not began:
        return Backlog(vault, why="no copy there is whole yet")
    return Backlog(vault, max(0.0, now - float(began)))
