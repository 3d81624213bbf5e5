"""Programs that are run to their end."""

import subprocess
from collections.abc import Sequence

from .order import NotProven

_LAST_WORDS = 1500


def run(argv: Sequence[str], what: str, *, stdin: str = "") -> str:
    """Its output. Raises NotProven with the end of what it said."""
    try:
        ended = subprocess.run(argv, input=stdin.encode(), capture_output=True, check=False)
    except FileNotFoundError:
        raise NotProven("program", f"{argv[0]} is not on this server") from None
    if ended.returncode != 0:
        said = f"{_text(ended.stdout)}\n{_text(ended.stderr)}"
        raise NotProven(what, end_of(said), ended.returncode)
    return _text(ended.stdout)


def _text(said: bytes) -> str:
    """What quotes a damaged file may be any bytes."""
    return said.decode(errors="replace")


def end_of(text: str) -> str:
    """The last words of a log."""
    return text.strip()[-_LAST_WORDS:]
