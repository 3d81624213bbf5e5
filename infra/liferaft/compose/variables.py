"""Files of variables, read as Compose reads `.env` and `env_file`."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from liferaft.compose.interpolation import NotFilled, fill

_ASSIGNED: Final = re.compile(
    r"[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z0-9_.\-\[\]]+)[ \t]*(?P<sign>[=:])[ \t]*"
)
_ALONE: Final = re.compile(
    r"[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_][A-Za-z0-9_.]*)[ \t]*(?:#.*)?"
)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t"}


class NoVariables(Exception):
    """A line is no assignment; the message is the reason."""

    def __init__(self, line: int, reason: str, valid: str = "NAME=value") -> None:
        super().__init__(reason)
        self.line, self.valid = line, valid


@dataclass(frozen=True)
class Assignment:
    """A variable of a file. `value` is None where the file names it alone."""

    name: str
    value: str | None
    line: int


class Nested(Mapping[str, str]):
    """What one map says goes before what the other does; neither is asked before it has to be."""

    def __init__(self, first: Mapping[str, str], second: Mapping[str, str]) -> None:
        self._first, self._second = first, second

    def __getitem__(self, name: str) -> str:
        return self._first[name] if name in self._first else self._second[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._second, **self._first})

    def __len__(self) -> int:
        return len({**self._second, **self._first})


class ReadWhenAsked(Mapping[str, str]):
    """Variables of a file that is not opened before one of them is asked for: what nobody asks
    says nothing of the application, and may be the operator's own."""

    def __init__(self, read_all: Callable[[], Mapping[str, str]]) -> None:
        self._read_all = read_all
        self._found: Mapping[str, str] | None = None

    def __getitem__(self, name: str) -> str:
        return self._all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> Mapping[str, str]:
        if self._found is None:
            self._found = self._read_all()
        return self._found


def read(text: str, outer: Mapping[str, str]) -> tuple[Assignment, ...]:
    """Every variable in its order; `$NAME` in a value stands for one of the lines before it, or of
    `outer`, which goes before. Raises NoVariables."""
    found: list[Assignment] = []
    here, own = 0, dict[str, str]()
    known = Nested(outer, own)
    while here < len(text):
        line = text.count("\n", 0, here) + 1
        end = text.find("\n", here)
        row = text[here : end if end >= 0 else len(text)]
        if not row.strip() or row.lstrip().startswith("#"):
            here += len(row) + 1
            continue
        assigned = _ASSIGNED.match(text, here)
        if assigned is None:
            alone = _ALONE.fullmatch(row)
            if alone is None:
                raise NoVariables(line, f"{row.strip()[:40]!r} sets no variable")
            found.append(Assignment(alone["name"], known.get(alone["name"]), line))
            here += len(row) + 1
            continue
        try:
            value, here = _value(text, assigned.end(), line, known)
        except NotFilled as error:
            raise NoVariables(line, str(error), error.valid) from error
        found.append(Assignment(assigned["name"], value, line))
        own[assigned["name"]] = value
    return tuple(found)


def read_raw(text: str) -> tuple[Assignment, ...]:
    """As `format: raw` has it: what follows the first `=` of a line. Raises NoVariables."""
    found: list[Assignment] = []
    for line, row in enumerate(text.split("\n"), 1):
        if not row.strip() or row.lstrip().startswith("#"):
            continue
        name, sign, value = row.partition("=")
        if not sign:
            raise NoVariables(line, f"{row.strip()[:40]!r} sets no variable")
        found.append(Assignment(name.strip(), value, line))
    return tuple(found)


def _value(text: str, here: int, line: int, known: Mapping[str, str]) -> tuple[str, int]:
    """The value that begins at `here`, and where the next line begins."""
    mark = text[here : here + 1]
    if mark in ("'", '"') and mark:
        closing = _closing(text, here + 1, mark)
        if closing < 0:
            raise NoVariables(line, f"a {mark} is not closed", "the same mark at the end")
        value = text[here + 1 : closing]
        if mark == '"':
            return fill(_unescaped(value), known, lenient=True), _next_line(text, closing)
        return value.replace("\\'", "'"), _next_line(text, closing)
    following = _next_line(text, here)
    bare = re.split(r"(?:^|[ \t])#", text[here : following - 1], maxsplit=1)[0].strip()
    return fill(bare, known, lenient=True), following


def _next_line(text: str, here: int) -> int:
    end = text.find("\n", here)
    return (end if end >= 0 else len(text)) + 1


def _closing(text: str, here: int, mark: str) -> int:
    while here < len(text):
        if text[here] == "\\":
            here += 2
            continue
        if text[here] == mark:
            return here
        here += 1
    return -1


def _unescaped(value: str) -> str:
    """`\\$` is a dollar sign that stands for itself, which `fill` wants as `$$`."""

    def meant(found: "re.Match[str]") -> str:
        return "$$" if found[1] == "$" else _ESCAPES.get(found[1], found[1])

    return _ESCAPED.sub(meant, value)
