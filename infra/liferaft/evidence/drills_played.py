"""Drills as they were played, by their reports: read, and nothing is rendered into a vault."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Final

from liferaft.evidence.document import Document
from liferaft.evidence.kept import document_of
from liferaft.journal import RunName, list_runs
from liferaft.vault import Vault, layout

LANES: Final = 8
MOST: Final = 100
"""Drills that anybody looks back on: two years of weekly ones."""
_WRITTEN: Final = "%Y%m%dT%H%M%S"
_SECONDS: Final = 15
"""Of a run's name: its moment to the second."""


def drills_played(
    vault: Vault, *, but: str = "", within: timedelta = timedelta()
) -> Iterator[Document]:
    """The newest first, MOST at most or all that began `within` that time before the newest one,
    without those that nobody can read: where data is tried each day, whole drills are rare among
    them. but: a run's name, which is left out. Blocks. No more are read ahead than LANES, so that
    whoever has found what he looks for stops there."""
    names = sorted(list_runs(vault, layout.DRILL_RUNS), key=lambda one: one.run, reverse=True)
    names = [name for name in names if str(name) != but]
    names = names[: max(MOST, _begun_within(within, names))]
    with ThreadPoolExecutor(LANES) as pool:
        for start in range(0, len(names), LANES):
            read = pool.map(lambda name: document_of(vault, name), names[start : start + LANES])
            yield from (one for one in read if one is not None)


def is_good(drill: Document) -> bool:
    """Whether what it tried came back, in [targets], and all of the drill was deleted. One of the
    data alone says nothing of the application. Pure."""
    objectives = (drill.rto, drill.rpo)
    missed = any(one and one.met is False for one in objectives)
    return drill.finished and not missed


def _begun_within(span: timedelta, names: Sequence[RunName]) -> int:
    """How many, the newest of them being the first. A run's name begins with its moment, and sorts
    by it."""
    if not names:
        return 0
    since = (_moment(names[0]) - span).strftime(_WRITTEN)
    return sum(name.run >= since for name in names)


def _moment(name: RunName) -> datetime:
    return datetime.strptime(name.run[:_SECONDS], _WRITTEN).replace(tzinfo=UTC)
