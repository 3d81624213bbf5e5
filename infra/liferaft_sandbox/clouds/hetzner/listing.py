"""Lists as the API gives them: filtered, sorted, in pages.

https://docs.hetzner.cloud/reference/cloud#pagination, #label-selector, #sorting
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.hetzner.errors import invalid_field

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

PER_PAGE, MOST_PER_PAGE = 25, 50
_FILTERS = ("id", "name", "status", "type", "architecture", "fingerprint", "ip", "bound_to")
_ORDERS = frozenset({"id", "name", "created"})
_ORDERS_OF_ACTIONS = frozenset({"id", "command", "status", "started", "finished"})
_WHOLE_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
_COMMAS = re.compile(r",(?![^(]*\))")
_KEY = r"(?P<key>[\w.\-]+(?:/[\w.\-]+)?)"
_EXISTS = re.compile(rf"(?P<no>!?)\s*{_KEY}")
_EQUALS = re.compile(rf"{_KEY}\s*(?P<sign>==|=|!=)\s*(?P<value>[\w.\-]*)")
_AMONG = re.compile(rf"{_KEY}\s+(?P<sign>in|notin)\s*\((?P<values>[^)]*)\)")


def page(key: str, items: list[dict[str, Any]], query: MultiDict[str, str]) -> dict[str, Any]:
    """The page that the query asks for, under `key`, with the API's `meta`."""
    for name in _FILTERS:
        wanted = query.getlist(name)
        if wanted:
            items = [item for item in items if str(item.get(name)) in wanted]
    if query.get("label_selector"):
        terms = _terms(query["label_selector"])
        items = [item for item in items if _are_held(terms, item.get("labels", {}))]
    for order in reversed(query.getlist("sort")):
        items = _sorted(items, order, _ORDERS_OF_ACTIONS if key == "actions" else _ORDERS)
    number, size = _number(query, "page", 1), _number(query, "per_page", PER_PAGE)
    size = min(size, MOST_PER_PAGE)
    last = max(1, -(-len(items) // size))
    pagination = {
        "page": number,
        "per_page": size,
        "previous_page": number - 1 if number > 1 else None,
        "next_page": number + 1 if number < last else None,
        "last_page": last,
        "total_entries": len(items),
    }
    start = (number - 1) * size
    return {key: items[start : start + size], "meta": {"pagination": pagination}}


def selects(selector: str, labels: dict[str, str]) -> bool:
    """Whether all terms of a label selector hold; invalid_input when it cannot be read."""
    return _are_held(_terms(selector), labels)


@dataclass(frozen=True)
class _Term:
    """The label's value is one of `values`, or with `present` anything at all."""

    key: str
    negated: bool
    values: frozenset[str] = frozenset()
    present: bool = False

    def holds(self, labels: dict[str, str]) -> bool:
        found = self.key in labels if self.present else labels.get(self.key) in self.values
        return found != self.negated


def _are_held(terms: list[_Term], labels: dict[str, str]) -> bool:
    return all(term.holds(labels) for term in terms)


def _terms(selector: str) -> list[_Term]:
    """All of them are read before any is asked: a mistake is one whatever there is to select."""
    return [_term(term.strip()) for term in _COMMAS.split(selector)]


def _term(term: str) -> _Term:
    if match := _EQUALS.fullmatch(term):
        return _Term(match["key"], match["sign"] == "!=", frozenset({match["value"]}))
    if match := _AMONG.fullmatch(term):
        values = frozenset(value.strip() for value in match["values"].split(","))
        return _Term(match["key"], match["sign"] == "notin", values)
    if match := _EXISTS.fullmatch(term):
        return _Term(match["key"], bool(match["no"]), present=True)
    raise invalid_field("label_selector", "label selector is invalid")


def _sorted(items: list[dict[str, Any]], order: str, names: frozenset[str]) -> list[dict[str, Any]]:
    """What has no value comes first: a snapshot has no name, a running action no end."""
    name, _, direction = order.partition(":")
    if name not in names or direction not in {"", "asc", "desc"}:
        raise invalid_field("sort", f"cannot sort by {order}")

    def place(item: dict[str, Any]) -> tuple[bool, Any]:
        value = item.get(name)
        return value is not None, "" if value is None else value

    return sorted(items, key=place, reverse=direction == "desc")


def _number(query: MultiDict[str, str], name: str, default: int) -> int:
    value = query.get(name, str(default))
    if not _WHOLE_NUMBER.fullmatch(value):
        raise invalid_field(name, "must be a positive integer")
    return int(value)
