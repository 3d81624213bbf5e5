"""How times are said in reports: short enough for a headline, and exact enough to be compared."""

from datetime import UTC, datetime

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def duration(seconds: float) -> str:
    """`8.8 s`, `30 s`, `2 min 5 s`, `3 h 4 min`, `2 d 3 h`."""
    if round(seconds, 1) < _MINUTE:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    whole = round(seconds)
    for unit, word, part, smaller in (
        (_DAY, "d", _HOUR, "h"),
        (_HOUR, "h", _MINUTE, "min"),
        (_MINUTE, "min", 1, "s"),
    ):
        if whole >= unit:
            rest = whole % unit // part
            return f"{whole // unit} {word}" + (f" {rest} {smaller}" if rest else "")
    return f"{whole} s"


def day_and_time(unix: float) -> str:
    """In UTC, to the second."""
    return datetime.fromtimestamp(unix, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def clock_time(unix: float) -> str:
    """The time of day alone, in UTC."""
    return datetime.fromtimestamp(unix, UTC).strftime("%H:%M:%S")


def counted(count: int, word: str) -> str:
    """`1 step`, `3 steps`."""
    return f"{count} {word}{'' if count == 1 else 's'}"
