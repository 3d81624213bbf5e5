"""What is told of a drill to those who did not see it: each reason in a sentence. Pure."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from liferaft.evidence.document import Document
from liferaft.evidence.drills_due import DrillDue
from liferaft.evidence.listed import told
from liferaft.evidence.trend import trends
from liferaft.evidence.words import duration
from liferaft.failures import Failure, Held
from liferaft.moves.drill_verdict import DrillVerdict


def title(app: str, site: str | None) -> str:
    """Of the message."""
    return f"{app}: drill of {site}" if site else f"{app}: drill"


def of_failure(failure: Failure) -> Iterator[str]:
    """Why it did not come back, or did not begin. One that gives way to a real move, or to another
    drill, tells nothing: whoever moves the application knows, and the other drill has a verdict of
    its own."""
    if not isinstance(failure, Held):
        yield _whole(failure.facts.happened)


def of_verdict(verdict: DrillVerdict) -> Iterator[str]:
    """Why it failed, and what is left of it."""
    if verdict.failure is not None and not verdict.has_given_way:
        happened = verdict.failure.facts.happened
        yield f"{verdict.tried} would not have worked: {_whole(happened)}"
    elif verdict.missed:
        why = "; ".join(verdict.missed)
        yield f"{verdict.tried} would have worked, and not as [targets] asks: {why}."
    if verdict.left is not None:
        happened = verdict.left.facts.happened.rstrip(".")
        yield (
            f"Something of the drill of {verdict.site} may be left, and costs: {happened}. "
            "`liferaft drill --clean` deletes it."
        )


def of_slow(verdict: DrillVerdict, history: Iterable[Document]) -> Iterator[str]:
    """That it was slower than is usual, where no vendor was missing. history: of drills with this
    one, the newest first."""
    rows = [told(one) for one in history]
    if not rows or rows[0].run != verdict.run or rows[0].rto is None:
        return
    if rows[0].data_only or rows[0].without:
        return
    for trend in trends(rows):
        is_of_this = trend.site == verdict.site and trend.newest_rto == rows[0].rto
        if is_of_this and trend.is_slower and trend.rto_p95 is not None:
            yield (
                f"The drill of {verdict.site} came back after {duration(rows[0].rto)}, slower than "
                f"95 % of those before it ({duration(trend.rto_p95)})."
            )


def of_missed(due: Iterable[DrillDue], now: datetime) -> Iterator[str]:
    """That drills were missed, which the next one finds."""
    for one in due:
        if said := one.missed(now):
            yield _whole(f"{said[0].upper()}{said[1:]}")


def message(sentences: Iterable[str], run: str) -> str:
    """All of it, and where to read on."""
    whole = " ".join(sentences)
    return f"{whole} Its report: `liferaft report show {run}`." if run else whole


def _whole(happened: str) -> str:
    return f"{happened.rstrip('.')}."
