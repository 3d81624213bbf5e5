"""The report as one HTML file: no script, nothing from a network, for a phone, a desk and paper.

Whatever a journal holds is text here: it is escaped, and characters that would not show are named.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from liferaft.evidence.compared import compared
from liferaft.evidence.document import Document, ToldStep
from liferaft.evidence.objectives import RECOVERIES
from liferaft.evidence.words import counted, duration

NAMED: Final = 100
"""Names of lost objects that the page shows: it is read and printed. The document has them all."""
_AMOUNT: Final = re.compile(r"(\d) (s|min|h|d)\b")
_STATES: Final = {"finished": "Finished", "failed": "Failed", "unfinished": "Not finished"}


@dataclass(frozen=True)
class Bar:
    """A step in the chart. start, length: per cent of the whole run."""

    step: ToldStep
    kind: str
    start: float
    length: float
    took: str


def page(report: Document) -> bytes:
    """The same report is the same bytes."""
    bars = tuple(_bars(report))
    missed = any(one is not None and one.met is False for one in (report.rto, report.rpo))
    is_finished = report.verdict.state == "finished"
    text = _template().render(
        report=report,
        state=f"{_STATES[report.verdict.state]}{', target missed' if missed else ''}",
        tone="missed" if missed and is_finished else report.verdict.state,
        began=report.began[:19].replace("T", " ") + " UTC",
        objectives=[
            (name, one)
            for name, one in (("RTO: time without the app", report.rto), ("RPO: data", report.rpo))
            if one is not None
        ],
        recovers=report.move in RECOVERIES,
        named=NAMED,
        strip=_strip(report),
        bars=bars,
        stopped=any(bar.kind == "stop" for bar in bars),
        compared=compared(report),
    )
    return text.encode()


def _bars(report: Document) -> Iterator[Bar]:
    whole = max(report.seconds, *(step.start for step in report.steps), 0.001, 0.0)
    for step in report.steps:
        end = whole if step.end is None else step.end
        stopped = step.state in {"failed", "started"}
        yield Bar(
            step,
            "stop" if stopped else "path" if step.critical else "other",
            round(100 * step.start / whole, 2),
            round(100 * min(max(end - step.start, 0.0), whole - step.start) / whole, 2),
            "" if step.end is None else duration(step.end - step.start),
        )


def _strip(report: Document) -> list[tuple[str, float]]:
    """What users of the new site saw, piece by piece; empty where not all of it is known."""
    seen = report.users
    if seen is None or seen.holding_from is None or seen.good_from is None:
        return []
    pieces = [
        ("gone", seen.holding_from),
        ("held", seen.good_from - seen.holding_from),
        ("well", report.seconds - seen.good_from),
    ]
    return [(kind, round(long, 3)) for kind, long in pieces if long > 0]


def visible(value: Any) -> Any:
    """Text without characters that do not show, or that turn a line around: they are named."""
    if not isinstance(value, str) or isinstance(value, Markup) or value.isprintable():
        return value
    return "".join(one if one.isprintable() else f"\\u{{{ord(one):x}}}" for one in value)


def coded(text: str) -> Markup:
    """Escaped, with what stands between back quotes set as code; a number stays with its unit."""
    parts = str(visible(text)).split("`")
    if len(parts) % 2 == 0:
        return _joined("`".join(parts))
    pieces = (
        Markup("<code>{}</code>").format(part) if number % 2 else _joined(part)
        for number, part in enumerate(parts)
    )
    return Markup("").join(pieces)


def _joined(text: str) -> Markup:
    return Markup(_AMOUNT.sub(r"\1&nbsp;\2", str(escape(text))))  # noqa: S704 - it was escaped


def _known(seconds: float | None) -> str:
    return "not known" if seconds is None else duration(seconds)


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        autoescape=True,
        finalize=visible,
    )
    environment.filters |= {
        "coded": coded,
        "counted": counted,
        "duration": duration,
        "known": _known,
    }
    return environment.get_template("report.html.j2")
