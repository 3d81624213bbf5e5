"""The table [targets]: what a move that brings the application back may cost in time and data."""

import re
from datetime import timedelta
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field

from liferaft.config.section import Section

_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_SPAN: Final = 'a span such as "30s", "15m", "4h", "1d"; at least 1s'


def span(value: Any) -> timedelta:
    """Raises ValueError for what is none. Nothing takes no time at all."""
    found = re.fullmatch(r"(\d{1,6})([smhd])", value) if isinstance(value, str) else None
    length = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else timedelta()
    if not length:
        raise ValueError(f"{value!r} is no span of 1 second or more")
    return length


Span = Annotated[timedelta, BeforeValidator(span)]


class TargetsConfig(Section):
    """rto: seconds from the command until the application answers well again; rpo: of its data that
    may be missing then. None: nothing is judged."""

    rto: Span | None = Field(default=None, description=_SPAN)
    rpo: Span | None = Field(default=None, description=_SPAN)

    def to_json(self) -> dict[str, float]:
        """In seconds; what is not set is left out."""
        set_ones = {"rto": self.rto, "rpo": self.rpo}
        return {name: one.total_seconds() for name, one in set_ones.items() if one is not None}
