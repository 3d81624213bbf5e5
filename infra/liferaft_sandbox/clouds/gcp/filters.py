"""Filter expressions of lists:
https://cloud.google.com/compute/docs/reference/rest/v1/instances/list

Both grammars: `labels.app = chirp AND (name != x OR status:RUN*)`, and the older
`name eq app-.*`, whose value is a regular expression. What stands side by side is joined by AND.
As that page says, of several expressions each is in parentheses, and the grammars do not mix.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.gcp.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Test = Callable[[Mapping[str, Any]], bool]

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<paren>[()]) |
      (?P<sign>!=|<=|>=|=|<|>|:) |
      (?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*') |
      (?P<word>[^\s()=<>!:"']+)
    )""",
    re.VERBOSE,
)
_OLD = {"eq", "ne"}


def matcher(expression: str) -> Test:
    """Whether a resource passes; raises ApiError for what is no filter."""
    parser = _Parser(expression)
    test = parser.either()
    parser.end()
    if parser.is_mixed:
        raise parser.refusal()
    return test


class _Parser:
    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._tokens: list[tuple[str, str]] = []
        self._grammars: set[bool] = set()
        position = 0
        while expression[position:].strip():
            match = _TOKEN.match(expression, position)
            if match is None or match.lastgroup is None:
                raise self.refusal()
            self._tokens.append((match.lastgroup, match[match.lastgroup]))
            position = match.end()

    @property
    def is_mixed(self) -> bool:
        """Whether both grammars were used."""
        return len(self._grammars) > 1

    def either(self) -> Test:
        bare = self._is_bare()
        tests = [self._every()]
        while self._take_word("OR"):
            bare = bare or self._is_bare()
            tests.append(self._every())
        if bare and len(tests) > 1:
            raise self.refusal()
        return lambda resource: any(test(resource) for test in tests)

    def end(self) -> None:
        if self._tokens:
            raise self.refusal()

    def _every(self) -> Test:
        bare = self._is_bare()
        tests = [self._one()]
        while self._take_word("AND") or (self._tokens and self._tokens[0] not in _STOPS):
            bare = bare or self._is_bare()
            tests.append(self._one())
        if bare and len(tests) > 1:
            raise self.refusal()
        return lambda resource: all(test(resource) for test in tests)

    def _is_bare(self) -> bool:
        """Whether an expression begins here that no parentheses are around."""
        ahead = next((token for token in self._tokens if token != ("word", "NOT")), None)
        return ahead != ("paren", "(")

    def _one(self) -> Test:
        if self._take_word("NOT"):
            test = self._one()
            return lambda resource: not test(resource)
        if self._tokens and self._tokens[0] == ("paren", "("):
            self._take()
            test = self.either()
            if not self._tokens or self._take() != ("paren", ")"):
                raise self.refusal()
            return test
        return self._comparison()

    def _comparison(self) -> Test:
        (_, name), (kind, sign) = self._take(), self._take()
        if kind != "sign" and sign not in _OLD:
            raise self.refusal()
        self._grammars.add(sign in _OLD)
        value_kind, value = self._take()
        if value_kind == "quoted":
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        while value_kind == "word" and self._tokens and self._tokens[0] == ("sign", ":"):
            value += self._take()[1] + self._take()[1]  # an unquoted value with colons: a time
        path = name.removeprefix("-").split(".")
        try:
            test = _comparing(sign, value)
        except re.error as error:
            raise self.refusal() from error
        negated = name.startswith("-")
        return lambda resource: test(_found(resource, path)) != negated

    def _take_word(self, word: str) -> bool:
        if self._tokens and self._tokens[0] == ("word", word):
            self._tokens.pop(0)
            return True
        return False

    def _take(self) -> tuple[str, str]:
        if not self._tokens:
            raise self.refusal()
        return self._tokens.pop(0)

    def refusal(self) -> ApiError:
        said = f"Invalid value for field 'filter': '{self._expression}'. Invalid list filter "
        return ApiError(400, "invalid", said + "expression.")


_STOPS = (("paren", ")"), ("word", "OR"))


def _found(resource: Mapping[str, Any], path: list[str]) -> list[str]:
    """The field's values as text: none where it is absent, several in a list."""
    values: list[Any] = [resource]
    for key in path:
        values = [v for value in values for v in (value if isinstance(value, list) else [value])]
        values = [value[key] for value in values if isinstance(value, dict) and key in value]
    flat = [v for value in values for v in (value if isinstance(value, list) else [value])]
    return [str(v).lower() if isinstance(v, bool) else str(v) for v in flat]


def _comparing(sign: str, value: str) -> Callable[[list[str]], bool]:
    if sign in _OLD:
        pattern = re.compile(value)
        return lambda found: any(pattern.fullmatch(one) for one in found) == (sign == "eq")
    if sign in {"=", "!="}:
        wild = re.compile(".*".join(map(re.escape, value.split("*"))), re.DOTALL)
        return lambda found: any(wild.fullmatch(one) for one in found) == (sign == "=")
    if sign == ":":
        if value == "*":
            return bool
        held = re.compile(".*".join(map(re.escape, value.split("*"))), re.DOTALL | re.IGNORECASE)
        return lambda found: any(held.search(one) for one in found)
    return lambda found: any(_is_ordered(one, sign, value) for one in found)


def _is_ordered(left: str, sign: str, right: str) -> bool:
    numbers = left.isdecimal() and right.isdecimal()
    difference = int(left) - int(right) if numbers else (left > right) - (left < right)
    return {
        "<": difference < 0,
        "<=": difference <= 0,
        ">": difference > 0,
        ">=": difference >= 0,
    }[sign]
