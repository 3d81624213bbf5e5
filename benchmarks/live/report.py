"""live-report.json: what came of each step, and each answer that differed from what was assumed.

It is written after each step, whole each time, so that a killed run has one as well. Its shape is
documented in docs/live.md.
"""

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path

from benchmarks.live.answers import Difference

SCHEMA = 1


class Outcome(StrEnum):
    """What came of one step."""

    AS_EXPECTED = "as expected"
    DIFFERED = "differed"
    NOT_TRIED = "not tried"
    """What it needs is not there, or the cloud has no such thing, or nobody agreed to it."""
    BUDGET = "budget reached"
    DEADLINE = "deadline reached"


@dataclass(frozen=True)
class Told:
    """One step. `reason` says why it was not tried."""

    name: str
    asked: str
    expected: str
    outcome: Outcome
    seconds: float = 0.0
    reason: str = ""


@dataclass
class LiveReport:
    """Of one run.

    Attributes:
        run: its name in the labels of what it made.
        state: `running` until its end; a killed run says so for ever.
        estimate: what it cost at the most, by list prices, in `currency`.
        left: what is still there, in words.
    """

    cloud: str
    region: str
    run: str
    began: str
    currency: str
    limit: float
    state: str = "running"
    ended: str = ""
    estimate: float = 0.0
    steps: list[Told] = field(default_factory=list)
    differed: list[Difference] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def write(self, path: Path) -> None:
        """Never half."""
        half = path.with_suffix(".half")
        half.write_text(json.dumps({"schema": SCHEMA, **asdict(self)}, indent=2) + "\n")
        half.rename(path)
