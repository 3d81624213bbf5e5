"""Reads TOML past its mistakes, so that one broken line does not hide the next."""

import re
import tomllib
from typing import Any, NamedTuple

_PLACE = re.compile(r" \(at (?:line (?P<line>\d+), column \d+|end of document)\)$")


class Mistake(NamedTuple):
    """A line (from 1) that is not TOML, and why."""

    line: int
    reason: str


class Reading(NamedTuple):
    """What a document says without its broken lines, the text of that, and every mistake."""

    document: dict[str, Any]
    text: str
    mistakes: list[Mistake]


def read(text: str) -> Reading:
    """Read as much of the document as can be read; lines keep their numbers.

    A broken table header takes its table with it. A mistake whose end is not found (an open
    string, say) ends the reading.
    """
    rows = text.split("\n")
    mistakes: list[Mistake] = []
    while True:
        try:
            rest = "\n".join(rows)
            return Reading(tomllib.loads(rest), rest, mistakes)
        except tomllib.TOMLDecodeError as error:
            mistake = _mistake(error, rows)
            mistakes.append(mistake)
            if not rows[mistake.line - 1]:
                return Reading({}, "", mistakes)
            _blank(rows, mistake.line - 1)


def _mistake(error: tomllib.TOMLDecodeError, rows: list[str]) -> Mistake:
    """tomllib of Python 3.11 says the place only in the message's last words."""
    message = str(error)
    place = _PLACE.search(message)
    at = int(place["line"]) if place and place["line"] else len(rows)
    if at > 1 and not rows[at - 1].strip():
        # It looks past the line's end: the mistake stands on the last line with text.
        at = next((n for n in range(at, 0, -1) if rows[n - 1].strip()), at)
    return Mistake(at, _PLACE.sub("", message))


def _blank(rows: list[str], at: int) -> None:
    row = rows[at].strip()
    header = "=" not in row and (row.startswith("[") or row.endswith("]"))
    rows[at] = ""
    while header and at + 1 < len(rows) and not rows[at + 1].lstrip().startswith("["):
        at += 1
        rows[at] = ""
