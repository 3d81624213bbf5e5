"""A Compose file as a tree in which every value knows its file and line.

Values are resolved as Compose's own reader does it (YAML 1.2): `yes` is a text, `22:22` is no
number, `1.10` is the number 1.1.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import Any, Final

import yaml

from liferaft.compose.findings import ComposeFinding
from liferaft.config.problems import Problem
from liferaft.config.shallow import ShallowLoader

MOST_VALUES: Final = 50_000
"""Of one file, with what aliases stand for written out: an application has some hundred."""
_MERGED: Final = "tag:yaml.org,2002:merge"
_WORDS: Final = {"true": True, "false": False, "null": None, "~": None, "": None}
_WHOLE: Final = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F_]+|0[oO]?[0-7_]+|0[bB][01_]+|[0-9][0-9_]*)")
_SMALLEST, _LARGEST = -4, 6
"""Powers of ten between which a number is written without an exponent."""
_BROKEN: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")

Plain = str | int | float | bool | None


@dataclass(frozen=True)
class YamlNode:
    """A value of a file. Of one under a key the line is that of the key.

    Attributes:
        value: what is there: a map of nodes, nodes in a row, or a plain value.
        act: `reset` or `override`, where the file says so to one that it is merged with.
    """

    value: "Mapping[str, YamlNode] | tuple[YamlNode, ...] | Plain"
    file: Path = field(compare=False)
    line: int = field(compare=False)
    act: str = ""

    @property
    def entries(self) -> "Mapping[str, YamlNode]":
        """Of a map; none of what is no map."""
        return self.value if isinstance(self.value, Mapping) else {}

    @property
    def items(self) -> "tuple[YamlNode, ...]":
        """Of a list; none of what is no list."""
        return self.value if isinstance(self.value, tuple) else ()

    def plain(self) -> Any:
        """Lists, maps and plain values, as JSON has them."""
        if isinstance(self.value, Mapping):
            return {key: each.plain() for key, each in self.value.items()}
        if isinstance(self.value, tuple):
            return [each.plain() for each in self.value]
        return self.value

    def at(self, path: Iterable[str | int]) -> "YamlNode":
        """The node at a place, or the last one on the way there."""
        here = self
        for step in path:
            if isinstance(step, str) and step in here.entries:
                here = here.entries[step]
            elif isinstance(step, int) and step < len(here.items):
                here = here.items[step]
            else:
                break
        return here

    def found(self, key: str, reason: str, valid: str) -> ComposeFinding:
        """A finding about this value, which stands at the dotted key."""
        return ComposeFinding(self.file, Problem(self.line, key, reason, valid))


class NotRead(Exception):
    """The file is none that Compose could read."""

    def __init__(self, finding: ComposeFinding) -> None:
        super().__init__(finding.problem.reason)
        self.finding = finding


def read(text: str, file: Path) -> YamlNode:
    """The tree of one file, aliases and `<<` filled in. Raises NotRead."""
    try:
        root = ShallowLoader(text).get_single_node()
        if root is None:
            return YamlNode({}, file, 1)
        _require_bounded(root, file)
        return _Builder(file).node(root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _not_read(file, mark.line + 1 if mark else 1, _words(error)) from error
    except RecursionError as error:
        raise _not_read(file, 1, "is nested too deeply") from error
    except yaml.YAMLError as error:
        raise _not_read(file, 1, f"is no YAML: {error}") from error


def _words(error: yaml.MarkedYAMLError) -> str:
    return f"is no YAML: {error.problem or error.context}"


def _not_read(file: Path, line: int, reason: str) -> NotRead:
    return NotRead(ComposeFinding(file, Problem(line, "", reason, "")))


class _Builder:
    """Makes nodes of PyYAML's; what an alias stands for is made once."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._made: dict[int, YamlNode] = {}

    def node(self, source: yaml.Node) -> YamlNode:
        made = self._made.get(id(source))
        if made is None:
            made = self._made[id(source)] = self._new(source)
        return made

    def _new(self, source: yaml.Node) -> YamlNode:
        line = source.start_mark.line + 1
        act = source.tag[1:] if source.tag in ("!reset", "!override") else ""
        match source:
            case yaml.MappingNode():
                return YamlNode(self._map(source), self._file, line, act)
            case yaml.SequenceNode():
                return YamlNode(tuple(map(self.node, source.value)), self._file, line, act)
            case yaml.ScalarNode():
                return YamlNode(resolved(source), self._file, line, act)
        raise _not_read(self._file, line, "is no YAML")

    def _map(self, source: yaml.MappingNode) -> dict[str, YamlNode]:
        own: dict[str, YamlNode] = {}
        merged: dict[str, YamlNode] = {}
        for key, value in source.value:
            line = key.start_mark.line + 1
            if key.tag == _MERGED or (key.value == "<<" and key.style is None):
                for name, each in self._merged(value, line).items():
                    merged.setdefault(name, each)
                continue
            if not isinstance(key, yaml.ScalarNode):
                raise _not_read(self._file, line, "a key is a list or a map")
            if key.value in own:
                raise _not_read(self._file, line, f"{key.value[:80]!r} is there twice")
            made = self.node(value)
            own[key.value] = YamlNode(made.value, made.file, line, made.act)
        return {**merged, **own} if merged else own

    def _merged(self, source: yaml.Node, line: int) -> dict[str, YamlNode]:
        maps = source.value if isinstance(source, yaml.SequenceNode) else [source]
        merged: dict[str, YamlNode] = {}
        for each in maps:
            if not isinstance(each, yaml.MappingNode):
                raise _not_read(self._file, line, "<< has to name a map, or a list of maps")
            for name, value in self.node(each).entries.items():
                merged.setdefault(name, value)
        return merged


def _require_bounded(root: yaml.Node, file: Path) -> None:
    """Raise NotRead for aliases that stand for themselves, or for more than any file says."""
    sizes: dict[int, int] = {}

    def size(source: yaml.Node) -> int:
        known = sizes.get(id(source))
        if known is not None:
            if known < 0:
                raise _not_read(file, source.start_mark.line + 1, "an alias stands for itself")
            return known
        sizes[id(source)] = -1
        inside = [one for pair in source.value for one in pair] if _is_map(source) else source.value
        held = inside if isinstance(source, yaml.CollectionNode) else ()
        sizes[id(source)] = 1 + sum(map(size, held))
        return sizes[id(source)]

    if size(root) > MOST_VALUES:
        raise _not_read(file, 1, f"stands for more than {MOST_VALUES} values")


def _is_map(source: yaml.Node) -> bool:
    return isinstance(source, yaml.MappingNode)


def resolved(source: yaml.ScalarNode) -> Plain:
    """What a plain word of YAML means; one in quotes is a text."""
    word = str(source.value)
    if source.style is not None:
        return word
    if word in (word.lower(), word.capitalize(), word.upper()) and word.lower() in _WORDS:
        return _WORDS[word.lower()]
    if _WHOLE.fullmatch(word):
        return _whole(word)
    if _BROKEN.fullmatch(word) and isfinite(float(word)):
        return float(word)
    return word


def _whole(word: str) -> Plain:
    digits = word.replace("_", "")
    sign, digits = (-1, digits[1:]) if digits[0] == "-" else (1, digits.removeprefix("+"))
    is_octal = len(digits) > 1 and digits[0] == "0" and digits[1].isdigit()
    try:
        return sign * int(digits, 8 if is_octal else 0)
    except ValueError:  # 0x without a digit, or more digits than Python converts
        return word


def text(value: Plain) -> str:
    """A plain value where Compose wants a text: as it writes numbers and words."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return _number(value) if isinstance(value, float) else str(value)


def _number(value: float) -> str:
    """As few digits as tell it from every other; with an exponent from a million on."""
    whole = Decimal(repr(value)).normalize()
    sign, digits, shift = whole.as_tuple()
    power = len(digits) + int(shift) - 1
    if _SMALLEST <= power < _LARGEST:
        return f"{whole:f}"
    first, rest = str(digits[0]), "".join(map(str, digits[1:]))
    mantissa = f"{'-' if sign else ''}{first}{'.' if rest else ''}{rest}"
    return f"{mantissa}e{'-' if power < 0 else '+'}{abs(power):02d}"
