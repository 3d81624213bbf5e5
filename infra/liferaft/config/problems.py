"""What is wrong with a configuration, in words for the person who wrote it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from string import Template
from types import NoneType
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from liferaft.config.values import shown
from liferaft.failures import BadInput

Place = tuple[str | int, ...]

MOST_SHOWN = 100
"""Problems of one file in one message."""
_LONGEST = 400
"""Characters of each part of a problem: a list of what is valid may be as long as the file."""
NAMES = "lower-case letters, digits and hyphens, from a letter on, at most 31"


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake: its line (from 1), its dotted key, why it is wrong, what would be valid."""

    line: int
    key: str
    reason: str
    valid: str

    def __str__(self) -> str:
        key, reason, valid = map(_fit, (self.key, self.reason, self.valid))
        hint = f" (valid: {valid})" if valid else ""
        return f"line {self.line}: {key + ': ' if key else ''}{reason}{hint}"


class ConfigInvalid(BadInput):
    """The configuration was not accepted. `problems` are all that is wrong, in order of lines."""

    def __init__(self, path: Path, problems: Iterable[Problem]) -> None:
        self.path = path
        self.problems = tuple(sorted(set(problems)))
        count = len(self.problems)
        rows = "".join(f"\n  {problem}" for problem in self.problems[:MOST_SHOWN])
        if count > MOST_SHOWN:
            rows += f"\n  … and {count - MOST_SHOWN} more"
        super().__init__(
            f"{path} has {count} problem{'s' if count != 1 else ''}:{rows}",
            safe="Nothing was done.",
            do=f"Correct {path.name}, then run the same command again.",
        )


def _fit(text: str) -> str:
    """The text cut short, and with nothing in it that a terminal would obey."""
    cut = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return "".join(mark if mark.isprintable() else repr(mark)[1:-1] for mark in cut)


@dataclass(frozen=True)
class Finding:
    """A problem before its line is known."""

    place: Place
    reason: str
    valid: str


def finding(
    error: ErrorDetails, model: type[BaseModel], words: Mapping[str, str], *, inside: int = 0
) -> Finding:
    """A finding from one of pydantic's errors, quoting the field's description.

    words: what stands for `$word` in descriptions.
    inside: how far the model is inside the document, in parts of the error's place.
    """
    place = error["loc"]
    _, field = _look(model, place[inside:])
    valid = Template((field.description or "") if field else "").safe_substitute(words)
    if place[-1] == "[key]":
        return Finding(place[:-1], "this name is not valid", NAMES)
    match error["type"]:
        case "extra_forbidden":
            around, _ = _look(model, place[inside:-1])
            return unknown_key(place, around)
        case "missing":
            return Finding(place, "missing", valid)
        case "too_short":
            return Finding(place, "must not be empty", valid)
        case "value_error":
            return Finding(place, error["msg"].removeprefix("Value error, "), valid)
        case _:
            return Finding(place, f"{_shown(error['input'])} is not valid here", valid)


def unknown_key(place: Place, around: type[BaseModel] | None) -> Finding:
    """A key that the table has no use for, with the nearest that it has."""
    known = tuple(_fields(around)) if around else ()
    close = get_close_matches(str(place[-1]), known, n=1)
    return Finding(place, "unknown key", f"did you mean {close[0]}?" if close else ", ".join(known))


def _shown(value: object) -> str:
    if isinstance(value, str | int | float):
        return shown(value)
    kind = type(value).__name__
    return {"dict": "a table", "list": "a list"}.get(kind, kind)


def key_of(place: Place) -> str:
    """The dotted key, fit for a terminal."""
    return ".".join(shown(part)[1:-1] if isinstance(part, str) else str(part) for part in place)


def _fields(model: type[BaseModel]) -> Mapping[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _look(
    annotation: Any, place: Place, field: FieldInfo | None = None
) -> tuple[Any, FieldInfo | None]:
    """The type at a place, and the nearest field that the place is in."""
    inside = [a for a in get_args(annotation) if a is not NoneType and a is not Ellipsis]
    if NoneType in get_args(annotation):  # what may be left out stands where it is
        return _look(inside[-1], place, field)
    if not place:
        return annotation, field
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        inner = _fields(annotation).get(str(place[0]))
        return _look(inner.annotation, place[1:], inner) if inner else (None, field)
    return _look(inside[-1], place[1:], field) if inside else (None, field)
