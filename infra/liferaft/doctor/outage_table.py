"""What a second without each vendor breaks, as a table: a line for each, to be read at a glance."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final

from liferaft.doctor.check import Examined

OUTAGES: Final = frozenset({"outage", "outage-mirror", "outage-registry"})
_HEAD: Final = ("without", "users", "copies left", "what cannot be done")
_NOTHING: Final = "-"


def is_outage(row: Examined) -> bool:
    return row.name in OUTAGES


def table(found: Sequence[Examined]) -> Iterator[str]:
    """Nothing where no outage was reckoned."""
    told = [one for one in found if is_outage(one) and one.facts]
    if not told:
        return
    cells = [_HEAD, *(_cells(one) for one in told)]
    widths = [max(len(row[at]) for row in cells) for at in range(len(_HEAD) - 1)]
    yield ""
    yield "What a second of outage of each vendor would break today:"
    for row in cells:
        *short, last = row
        columns = [cell.ljust(width) for cell, width in zip(short, widths, strict=True)]
        yield f"  {'  '.join(columns)}  {last}"


def _cells(row: Examined) -> tuple[str, str, str, str]:
    facts = row.facts
    users = "served" if facts["are_users_served"] else "OUT"
    return row.about, users, _copies(facts), ", ".join(facts["moves"]) or _NOTHING


def _copies(facts: Any) -> str:
    """Data sets that are left at the same places stand together."""
    copies = sorted(facts["copies"].items(), key=lambda one: one[1])
    grouped = [
        (", ".join(left) or "NONE", [name for name, _ in names])
        for left, names in groupby(copies, key=lambda one: one[1])
    ]
    if len(grouped) == 1:
        return grouped[0][0]
    return "; ".join(f"{', '.join(names)}: {left}" for left, names in grouped) or _NOTHING
