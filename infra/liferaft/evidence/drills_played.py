"""Drills as they were played, by their reports: read, and nothing is rendered into a vault."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from liferaft.evidence.document import Document
from liferaft.evidence.kept import document_of
from liferaft.journal import list_runs
from liferaft.vault import Vault, layout

LANES: Final = 8
MOST: Final = 100
"""Drills that anybody looks back on: two years of weekly ones."""


def drills_played(vault: Vault, *, but: str = "") -> Iterator[Document]:
    """The newest first, MOST at most, without those that nobody can read. but: a run's name, which
    is left out. Blocks. No more are read ahead than LANES, so that whoever has found what he looks
    for stops there."""
    names = sorted(list_runs(vault, layout.DRILL_RUNS), key=lambda one: one.run, reverse=True)
    names = [name for name in names if str(name) != but][:MOST]
    with ThreadPoolExecutor(LANES) as pool:
        for start in range(0, len(names), LANES):
            read = pool.map(lambda name: document_of(vault, name), names[start : start + LANES])
            yield from (one for one in read if one is not None)


def is_good(drill: Document) -> bool:
    """Whether the application came back, in [targets], and all of the drill was deleted. One of the
    data alone says nothing of the application. Pure."""
    objectives = (drill.rto, drill.rpo)
    missed = any(one and one.met is False for one in objectives)
    return drill.finished and not drill.data_only and not missed
