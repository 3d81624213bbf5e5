"""A run beside those of the same move before it. Pure."""

from collections.abc import Iterator
from statistics import median
from typing import Final

from liferaft.evidence.document import Document, Earlier
from liferaft.evidence.words import counted, duration

SHOWN: Final = 10
"""Earlier runs that a report tells of."""


def compared(report: Document) -> str:
    """In a sentence, how this run did; empty where there was none before."""
    return " ".join(_sentences(report))


def _sentences(report: Document) -> Iterator[str]:
    if not report.earlier:
        return
    rows = report.earlier
    if report.rto is None:
        usual = median(row.seconds for row in rows)
        yield (
            f"This run took {duration(report.seconds)}; {_of(rows, report.move)} "
            f"{duration(usual)} in the middle."
        )
        return
    known = [row.rto for row in rows if row.rto is not None]
    if known and report.rto.seconds is not None:
        yield (
            f"This run was back after {duration(report.rto.seconds)}; {_of(rows, report.move)} "
            f"{duration(median(known))} in the middle, {duration(min(known))} at best and "
            f"{duration(max(known))} at worst."
        )


def _of(rows: tuple[Earlier, ...], move: str) -> str:
    return f"the {counted(len(rows), move)} before took"
