"""What the sessions of a run noted of themselves: read as it is, whoever wrote it. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from liferaft.journal import RunRecord
from liferaft.journal.clock import moment

THROUGH = frozenset({"step-done", "step-held"})


def abouts(run: RunRecord) -> list[Mapping[str, Any]]:
    """Of each session in which a command worked at the run; empty for earlier versions' ones."""
    beginnings = (event for event in run.events if event.kind in {"run-started", "run-resumed"})
    return [
        about if isinstance(about := event.facts.get("about"), dict) else {} for event in beginnings
    ]


def said_first(run: RunRecord, name: str) -> Any:
    """What the first session that knew it said."""
    return next((about[name] for about in abouts(run) if name in about), None)


def site_of(run: RunRecord) -> str:
    """The site that was moved to; of a drill the one that it tries, beside which it played."""
    return str(run.inputs.get("standby") or run.site)


def is_of_data(run: RunRecord) -> bool:
    """Whether it is a drill of the data alone, without the application."""
    return run.inputs.get("data_only") is True


def without(run: RunRecord) -> tuple[str, ...]:
    """Names of vendors that a drill was played without."""
    return tuple(map(str, run.inputs.get("denied") or ()))


def operators(run: RunRecord) -> tuple[str, ...]:
    """Each once, in the order in which they worked at it."""
    return tuple(dict.fromkeys(str(about["by"]) for about in abouts(run) if "by" in about))


def versions(run: RunRecord) -> dict[str, tuple[str, ...]]:
    """By what has a version, those that the sessions had."""
    found: dict[str, dict[str, None]] = {}
    for about in abouts(run):
        told = about.get("versions")
        for what, which in told.items() if isinstance(told, dict) else ():
            found.setdefault(str(what), {})[str(which)] = None
    return {what: tuple(which) for what, which in found.items()}


def planned(run: RunRecord) -> dict[str, Mapping[str, Any]]:
    """By name, what the plan said of each step."""
    rows = said_first(run, "steps")
    return {
        str(row["name"]): row
        for row in (rows if isinstance(rows, list) else ())
        if isinstance(row, dict) and "name" in row
    }


def first_through(run: RunRecord, *beginnings: str) -> float | None:
    """Seconds from the beginning of the run until the first step with such a name was through."""
    for event in run.events:
        if event.kind in THROUGH and str(event.facts.get("step", "")).startswith(beginnings):
            return round((moment(event.at) - run.began).total_seconds(), 3)
    return None


def facts_of(run: RunRecord, name: str) -> Iterator[tuple[str, Any]]:
    """Each time that the fact was noted: by which step, and what."""
    for event in run.events:
        if name in event.facts:
            yield str(event.facts.get("step", event.kind)), event.facts[name]
