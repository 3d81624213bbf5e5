"""A report as text for a screen: a bar a step, on one time scale. Pure."""

from collections.abc import Iterator

from liferaft.evidence.document import Document, ToldStep
from liferaft.evidence.words import day_and_time

BAR = 40
"""Characters that the whole run takes on the screen."""


def lines(report: Document) -> Iterator[str]:
    """The verdict, the steps, and what the move cost in time and data."""
    state = "finished" if report.finished else "NOT FINISHED"
    yield f"{report.move} of {report.site}, {state} after {report.seconds:.1f} s"
    yield report.verdict.sentence
    if report.verdict.safe:
        yield f"Safe: {report.verdict.safe}"
    if report.verdict.do:
        yield f"Now:  {report.verdict.do}"
    for step in report.steps:
        mark = "*" if step.critical else " "
        took = "no end is known" if step.end is None else f"{step.end - step.start:.1f} s"
        yield f"{mark} {step.name:<22} {_bar(step, report.seconds)} {took} {step.state}"
    yield f"* critical path: {report.critical_path_seconds:.1f} s"
    if report.recovered_until is not None:
        moment = day_and_time(report.recovered_until)
        yield f"recovered until {moment}: what was committed later did not reach the vault"
    for name, objective in (("RTO", report.rto), ("RPO", report.rpo)):
        if objective is not None:
            yield f"{name}: {objective.sentence}"
    for lost in report.lost:
        yield f"Lost: {lost.sentence}{_named(lost.names)}"
    for one in report.denied:
        expected = f", to be expected: {one.known}" if one.known else ""
        asked = f" (asked for by {one.by}{expected})" if one.by else ""
        yield f"Hidden dependency: {one.name}{asked}"


def _named(names: tuple[str, ...], shown: int = 10) -> str:
    if not names:
        return ""
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return f" {', '.join(names[:shown])}{more}"


def _bar(step: ToldStep, seconds: float) -> str:
    scale = BAR / max(seconds, 0.001)
    length = 0.0 if step.end is None else step.end - step.start
    return " " * round(scale * step.start) + "█" * max(1, round(scale * length))
