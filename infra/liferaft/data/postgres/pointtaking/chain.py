"""Which type the next backup is of: a full one now and then, and what has changed in between. Pure.

pgBackRest's types: `full` stands alone; `diff` holds what changed since the last full one; `incr`
what changed since the last of any type. A restore of either needs what it rests on.
https://pgbackrest.org/user-guide.html#concept/backup
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

FULL: Final = "full"
DIFF: Final = "diff"
INCR: Final = "incr"
_DAY: Final = 24 * 3600.0
FULL_SECONDS: Final = 7 * _DAY
"""A full backup is taken once the newest one is older, unless liferaft.toml says otherwise."""
DIFF_SECONDS: Final = 1 * _DAY
"""A differential one is taken once the newest that rests on nothing but a full one is older."""
MOST_INCREMENTS: Final = 8
"""After so many a differential one is taken: each is one more that must be whole."""


def next_type(
    backups: Sequence[Mapping[str, Any]], now: float, full_seconds: float = FULL_SECONDS
) -> str:
    """`backups`: those that are complete, the oldest first, of one vault and epoch, as pgBackRest
    tells them. now: Unix seconds by the server's clock, as theirs are. full_seconds: how old a full
    one may be. An operator's snapshot asks this, and so does a server that backs up by itself."""
    fulls = [one for one in backups if one["type"] == FULL]
    if not fulls or _age(fulls[-1], now) > full_seconds:
        return FULL
    bases = [number for number, one in enumerate(backups) if one["type"] != INCR]
    since = len(backups) - 1 - bases[-1]
    if _age(backups[bases[-1]], now) > DIFF_SECONDS or since >= MOST_INCREMENTS:
        return DIFF
    return INCR


def basis(backups: Sequence[Mapping[str, Any]], kind: str) -> str:
    """The label of the one on which a new `diff` or `incr` would rest."""
    bases = [one for one in backups if kind == INCR or one["type"] == FULL]
    return str(bases[-1]["label"])


def _age(backup: Mapping[str, Any], now: float) -> float:
    return now - float(backup["timestamp"]["stop"])
