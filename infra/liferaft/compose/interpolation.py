"""Fills `${NAME}` in texts of a Compose file, by the specification.

`$NAME` and `${NAME}` stand for the value; `:-` and `-` give one in its place, `:?` and `?` an
error, `:+` and `+` another one where there is a value. With the colon an empty value counts as
none. What follows is filled in too. `$$` is a dollar sign. `${liferaft:NAME}` is a placeholder,
which a server fills in.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from liferaft.compose import placeholders

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATORS: Final = (":-", ":?", ":+", "-", "?", "+")
_DEEPEST: Final = 32


class NotFilled(Exception):
    """A text could not be filled in; the message is the reason, `valid` what would be.

    Attributes:
        missing: the variable that is set nowhere, if that is it.
    """

    def __init__(self, reason: str, valid: str, missing: str = "") -> None:
        super().__init__(reason)
        self.valid = valid
        self.missing = missing


def fill(text: str, variables: Mapping[str, str], *, lenient: bool = False) -> str:
    """The text with its variables filled in. lenient: one that is set nowhere is empty, as in files
    of variables. Raises NotFilled, with the first reason."""
    if "$" not in text:
        return text
    filled, end = _Filler(text, variables, lenient=lenient).until("", 0)
    return filled if end == len(text) else filled + text[end:]


@dataclass(frozen=True)
class _Filler:
    text: str
    variables: Mapping[str, str]
    lenient: bool

    def until(self, mark: str, start: int, depth: int = 0) -> tuple[str, int]:
        """From `start` to the mark, or to the end without one: what it says, and where it ends."""
        if depth > _DEEPEST:
            raise NotFilled(f"variables are more than {_DEEPEST} deep in each other", "fewer")
        parts: list[str] = []
        here = start
        while here < len(self.text):
            letter = self.text[here]
            if mark and letter == mark:
                return "".join(parts), here
            if letter != "$":
                parts.append(letter)
                here += 1
                continue
            value, here = self._dollar(here + 1, depth)
            parts.append(value)
        if mark:
            raise NotFilled(f"{_shown(self.text)}: a ${{ is not closed", "}, or $$ for a dollar")
        return "".join(parts), here

    def _dollar(self, here: int, depth: int) -> tuple[str, int]:
        following = self.text[here : here + 1]
        if following == "$":
            return "$", here + 1
        if following == "{":
            return self._braces(here + 1, depth)
        name = _NAME.match(self.text, here)
        if name is None:
            raise NotFilled(
                f"{_shown(self.text)}: $ is followed by no variable's name",
                "$$ for a dollar sign",
            )
        return self._plain(name[0]), name.end()

    def _braces(self, here: int, depth: int) -> tuple[str, int]:
        found = _NAME.match(self.text, here)
        if found is None:
            raise NotFilled(
                f"{_shown(self.text)}: ${{ is followed by no variable's name",
                "${NAME}, or $$ for a dollar sign",
            )
        name, here = found[0], found.end()
        if self.text.startswith("}", here):
            return self._plain(name), here + 1
        operator = next((one for one in _OPERATORS if self.text.startswith(one, here)), None)
        if operator is None and name == placeholders.WORD and self.text.startswith(":", here):
            return self._placeholder(here + 1)
        if operator is None and here == len(self.text):
            raise NotFilled(f"{_shown(self.text)}: a ${{ is not closed", "}, or $$ for a dollar")
        if operator is None:
            raise NotFilled(
                f"{_shown(self.text)}: {name} is followed by none of {' '.join(_OPERATORS)} }}",
                "${NAME:-default}",
            )
        needed = self._takes(name, operator)
        # As Compose does it, `:?` counts in a part that is not needed, too.
        reader = self if needed else replace(self, lenient=True)
        value, end = reader.until("}", here + len(operator), depth + 1)
        if operator in ("-", ":-"):
            return (value if needed else self.variables[name]), end + 1
        if operator in ("+", ":+"):
            return (value if needed else ""), end + 1
        if needed:
            said = f": {value}" if value else ""
            raise NotFilled(f"{name} has to be set{said}", f"{name}=… in .env", missing=name)
        return self.variables[name], end + 1

    def _placeholder(self, here: int) -> tuple[str, int]:
        found = placeholders.NAMED.match(self.text, here)
        if found is None or not self.text.startswith("}", found.end()):
            raise NotFilled(
                f"{_shown(self.text)}: ${{{placeholders.WORD}: is followed by no placeholder",
                f"${{{placeholders.WORD}:bucket.endpoint}}, say",
            )
        return placeholders.marked(found[0]), found.end() + 1

    def _takes(self, name: str, operator: str) -> bool:
        """Whether what follows the operator counts."""
        value = self.variables.get(name)
        has_one = bool(value) if operator.startswith(":") else value is not None
        return has_one if operator.endswith("+") else not has_one

    def _plain(self, name: str) -> str:
        value = self.variables.get(name)
        if value is None and not self.lenient:
            raise NotFilled(
                f"{name} is set nowhere",
                f"{name}=… in .env beside the Compose file, or ${{{name}:-default}}",
                missing=name,
            )
        return value or ""


def _shown(text: str) -> str:
    return repr(text if len(text) <= 80 else f"{text[:80]}…")  # noqa: PLR2004
