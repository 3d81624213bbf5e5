"""How the drills of a site have gone: how many came back, and whether it gets slower. Pure."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from liferaft.evidence.listed import ListedRun
from liferaft.evidence.words import counted, duration

LEAST: Final = 5
"""Earlier drills without which nobody can say what is usual."""
SHARE: Final = 0.95


@dataclass(frozen=True)
class DrillTrend:
    """Of one site, without drills from which vendors were missing: how fast those are says nothing
    of others. rto_p95: seconds, of all drills that came back but the newest; None where there are
    fewer than LEAST. is_slower: whether the newest took longer than that. with_missing: how many
    drills were played without a vendor; missing_came_back: how many of these came back."""

    site: str
    drills: int
    came_back: int
    newest_rto: float | None
    rto_p95: float | None
    is_slower: bool
    with_missing: int = 0
    missing_came_back: int = 0

    @property
    def sentence(self) -> str:
        said = f"{self.site}: {self.came_back} of {counted(self.drills, 'drill')} came back"
        if self.newest_rto is not None:
            said += f", the newest after {duration(self.newest_rto)}"
        if self.is_slower and self.rto_p95 is not None:
            said += f", SLOWER than 95 % of those before it ({duration(self.rto_p95)})"
        elif self.rto_p95 is not None:
            said += f"; 95 % of those before it within {duration(self.rto_p95)}"
        if self.with_missing:
            said += (
                f". Of {counted(self.with_missing, 'drill')} without some vendor "
                f"{self.missing_came_back} came back"
            )
        return f"{said}."

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def trends(rows: Sequence[ListedRun]) -> Iterator[DrillTrend]:
    """By site, of drills listed with the newest first. Those of the data alone say nothing of how
    fast an application comes back."""
    rows = [row for row in rows if not row.data_only]
    for site in dict.fromkeys(row.site for row in rows if row.site):
        yield _trend(site, [row for row in rows if row.site == site])


def _trend(site: str, rows: Sequence[ListedRun]) -> DrillTrend:
    missing = [row.state == "finished" for row in rows if row.without]
    usual = [row for row in rows if not row.without]
    good = [row for row in usual if row.state == "finished"]
    newest = usual[0].rto if usual and usual[0].state == "finished" else None
    before = sorted(row.rto for row in good if row is not usual[0] and row.rto is not None)
    p95 = before[math.ceil(SHARE * len(before)) - 1] if len(before) >= LEAST else None
    is_slower = newest is not None and p95 is not None and newest > p95
    return DrillTrend(
        *(site, len(usual), len(good), newest, p95, is_slower), len(missing), sum(missing)
    )
