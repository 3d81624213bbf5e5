"""What users have seen of a run, as far as its journal knows. Pure."""

from collections.abc import Iterator
from typing import Final

from liferaft.evidence.document import UsersView
from liferaft.evidence.objectives import DRILL, PROOF, RECOVERIES
from liferaft.evidence.sessions import first_through, said_first, site_of
from liferaft.evidence.words import clock_time, duration
from liferaft.journal import RunRecord

_NAME: Final = "dns-"
_PAGE: Final = "edge"


def users_view(run: RunRecord) -> UsersView | None:
    """None for a move that changes nothing for users."""
    moved, page = first_through(run, _NAME), first_through(run, _PAGE)
    good, ttl = first_through(run, PROOF), said_first(run, "ttl")
    if run.move not in RECOVERIES:
        return None if good is None else _of_a_deploy(run, good)
    seconds = int(ttl) if isinstance(ttl, int) else None
    if run.move == DRILL:
        return UsersView(holding_from=page, good_from=good, sentences=_of_a_drill(run, page, good))
    bare = UsersView(name_moved=moved, ttl=seconds, holding_from=page, good_from=good)
    return bare.model_copy(update={"sentences": tuple(_sentences(run, bare))})


def _of_a_deploy(run: RunRecord, good: float) -> UsersView:
    said = (
        f"The application answered well from outside at {_at(run, good)}. Whether users saw it "
        "interrupted before, the journal of this move does not tell."
    )
    return UsersView(good_from=good, sentences=(said,))


def _of_a_drill(run: RunRecord, page: float | None, good: float | None) -> tuple[str, ...]:
    if page is None or good is None:
        return ("Users saw nothing of this drill.",)
    would = (
        f"In a failover whoever came to {site_of(run)} would have seen the holding page from "
        f"{duration(page)} on, and the application after {duration(good)}."
    )
    return ("Users saw nothing of this drill.", would)


def _sentences(run: RunRecord, view: UsersView) -> Iterator[str]:
    if view.name_moved is None:
        yield "The name was not moved: users were led where it pointed before."
    else:
        behind = (
            f" Resolvers that had asked before may have led users to the old one for {view.ttl} s "
            "more."
            if view.ttl
            else ""
        )
        yield f"The name led to {run.site} from {_at(run, view.name_moved)} on.{behind}"
    if view.holding_from is None:
        yield f"No holding page was shown at {run.site}."
    elif view.good_from is None:
        yield (
            f"Whoever came to {run.site} saw the holding page from {_at(run, view.holding_from)} "
            "on, and no end of it is known."
        )
    else:
        shown = max(0.0, view.good_from - view.holding_from)
        yield (
            f"Whoever came to {run.site} saw the holding page from {_at(run, view.holding_from)} "
            f"until {_at(run, view.good_from)}: for {duration(shown)}."
        )
    if view.good_from is None:
        yield "The application has given no good answer in this run."
    else:
        yield f"The first good answer of the application came at {_at(run, view.good_from)}."


def _at(run: RunRecord, seconds: float) -> str:
    """`14:00:05 UTC (5.4 s)`."""
    return f"{clock_time(run.began.timestamp() + seconds)} UTC ({duration(seconds)})"
