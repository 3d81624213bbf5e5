"""Reads TOML past its mistakes, so that one broken line does not hide the next."""

import re
import tomllib
from collections.abc import Callable
from typing import Any, NamedTuple

DEEPEST = 32
"""Tables and lists in each other. A configuration has six."""
MOST_MISTAKES = 50
"""Lines that are no TOML: a file with more is something else."""
_BITS = 63
"""TOML's own bound. Python takes more, and cannot write all of it as a decimal number."""
_TOO_LARGE = "a number of more than 64 bits"
_NUMBER = re.compile(r"(?<![\w\"'])(?:0[xob])?[0-9A-Fa-f][0-9A-Fa-f_]*")
_PLACE = re.compile(r" \(at (?:line (?P<line>\d+), column \d+|end of document)\)$")


class Mistake(NamedTuple):
    """A line (from 1) that is not TOML, and why."""

    line: int
    reason: str


class ReadDocument(NamedTuple):
    """What a document says without its broken lines, the text of that, and every mistake."""

    document: dict[str, Any]
    text: str
    mistakes: list[Mistake]


def read(text: str) -> ReadDocument:
    """Read as much of the document as can be read; lines keep their numbers.

    A broken table header takes its table with it. A mistake whose end is not found (an open
    string, say) ends the reading, and so do MOST_MISTAKES.
    """
    rows = text.split("\n")
    mistakes: list[Mistake] = []
    while True:
        rest = "\n".join(rows)
        found = _parsed(rest, rows)
        if not isinstance(found, Mistake):
            return ReadDocument(found, rest, mistakes)
        mistakes.append(found)
        if not rows[found.line - 1] or len(mistakes) == MOST_MISTAKES:
            return ReadDocument({}, "", mistakes)
        _blank(rows, found.line - 1)


def _parsed(text: str, rows: list[str]) -> dict[str, Any] | Mistake:
    """What the text says, or the first mistake in it."""
    try:
        document = tomllib.loads(text)
        deepest, widest = _measured(document)
        if widest > _BITS:
            return Mistake(_row(rows, _digits), _TOO_LARGE)
        if deepest <= DEEPEST:
            return document
    except tomllib.TOMLDecodeError as error:
        return _mistake(error, rows)
    except RecursionError:
        pass
    except ValueError:  # of Python's own: a decimal number beyond what it converts
        return Mistake(_row(rows, _digits), _TOO_LARGE)
    return Mistake(_row(rows, _levels), f"nested more than {DEEPEST} deep")


def _measured(document: Any) -> tuple[int, int]:
    """How many tables and lists are in each other, and the bits of the largest number. No call
    for each, so that no depth is too much."""
    deepest, widest, waiting = 0, 0, [(document, 1)]
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, int):
            widest = max(widest, value.bit_length())
        if isinstance(value, dict | list):
            deepest = max(deepest, depth)
            inner = value.values() if isinstance(value, dict) else value
            waiting += [(one, depth + 1) for one in inner]
    return deepest, widest


def _row(rows: list[str], weight: Callable[[str], int]) -> int:
    """The line (from 1) with the most of something; of several the first."""
    return max(range(len(rows)), key=lambda at: weight(rows[at])) + 1


def _digits(row: str) -> int:
    return max((len(found) for found in _NUMBER.findall(row)), default=0)


def _levels(row: str) -> int:
    return sum(row.count(mark) for mark in "[{.")


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
