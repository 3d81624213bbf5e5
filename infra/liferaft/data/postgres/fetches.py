"""What a standby's log of fetches proves: that there is no more, or that it is stuck. Pure.

Lines are written by `files/pgbackrest-get`: `TIME 0 FILE` for a file that was fetched, `TIME 1
FILE` for one that no vault holds, `TIME damaged FILE REPOSITORY OBJECT [KIND] REASON`, `TIME silent
FILE REPOSITORY` for one that may be in a vault that does not answer.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_LINE: Final = re.compile(
    r"^(?P<at>\d+\.\d+) (?P<ending>0|1|damaged|silent) (?P<file>\S+)"
    r"(?: (?P<repository>\d+)(?: (?P<object>\S+) (?P<reason>.*))?)?$"
)
_SEGMENT: Final = re.compile(r"^[0-9A-F]{24}$")
FETCHED, ABSENT, DAMAGED, SILENT = "0", "1", "damaged", "silent"
CERTAIN: Final = 2
"""How often the same answer is seen before it counts: one may be of a fetch that was under way."""
IN_VAIN: Final = 4
"""How often PostgreSQL fetches a segment, and nothing later, before it is certain that it cannot
read it. At its start it asks for one up to twice."""


@dataclass(frozen=True)
class Fetch:
    """One line."""

    at: float
    ending: str
    file: str
    repository: int = 0
    """The number in the fetches' configuration, of a damaged file, and of whoever is silent."""
    object: str = ""
    reason: str = ""


SILENT_SECONDS: Final = 30.0
"""So long may a vault be silent while something is waited for that no other has."""


@dataclass(frozen=True)
class Stuck:
    """What holds the replay up and will not mend itself."""

    file: str
    repository: int | None = None
    """The error is None where it is not known, since the file was fetched without one."""
    object: str = ""
    reason: str = "it was fetched again and again, and PostgreSQL could not read it"


def fetches(log: str, *, since: float) -> tuple[Fetch, ...]:
    """The lines written after `since`, by the host's clock; one that is being written is none."""
    found = (_LINE.match(line) for line in log.splitlines())
    rows = (
        Fetch(
            float(match["at"]),
            match["ending"],
            match["file"],
            int(match["repository"] or 0),
            match["object"] or "",
            match["reason"] or "",
        )
        for match in found
        if match and _is_whole(match)
    )
    return tuple(row for row in rows if row.at > since)


def _is_whole(line: re.Match[str]) -> bool:
    needed = {DAMAGED: "reason", SILENT: "repository"}
    return line["ending"] not in needed or line[needed[line["ending"]]] is not None


def times_absent(rows: Sequence[Fetch], segment: str) -> int:
    """How often every repository answered that it is not there."""
    return sum(1 for row in rows if (row.ending, row.file) == (ABSENT, segment))


def silent(rows: Sequence[Fetch]) -> Fetch | None:
    """Who has not answered for too long, and for which file; None where it came since, or is known
    to be nowhere."""
    unheard = [number for number, row in enumerate(rows) if row.ending == SILENT]
    if not unheard:
        return None
    last = rows[unheard[-1]]
    first = last
    for row in reversed(rows):
        if row.ending in (FETCHED, ABSENT) and (
            row.file == last.file or _goes_beyond(last.file, [row])
        ):
            break
        if (row.ending, row.file) == (SILENT, last.file):
            first = row
    return last if last.at - first.at >= SILENT_SECONDS else None


def stuck(rows: Sequence[Fetch]) -> Stuck | None:
    """What the newest fetches ask for in vain; None while there is progress, or nothing more."""
    return _damaged(rows) or _of_no_use(rows)


def _damaged(rows: Sequence[Fetch]) -> Stuck | None:
    bad = [number for number, row in enumerate(rows) if row.ending == DAMAGED]
    if not bad:
        return None
    last, later = rows[bad[-1]], rows[bad[-1] + 1 :]
    times = sum(
        1 for n in bad if (rows[n].file, rows[n].repository) == (last.file, last.repository)
    )
    mended = any(row.ending == FETCHED and row.file == last.file for row in later)
    if times < CERTAIN or mended or _goes_beyond(last.file, later):
        return None
    return Stuck(last.file, last.repository, last.object, last.reason)


def _of_no_use(rows: Sequence[Fetch]) -> Stuck | None:
    fetched = [row.file for row in rows if row.ending == FETCHED and _SEGMENT.match(row.file)]
    newest = max(fetched, key=_place, default="")
    in_vain = fetched.count(newest) >= IN_VAIN and not _goes_beyond(newest, rows)
    return Stuck(newest) if in_vain else None


def _goes_beyond(file: str, rows: Sequence[Fetch]) -> bool:
    """Whether a segment later than this one was asked for, on whichever timeline."""
    return any(_SEGMENT.match(row.file) and _place(row.file) > _place(file) for row in rows)


def _place(segment: str) -> str:
    """A segment's name without its timeline."""
    return segment[8:]
