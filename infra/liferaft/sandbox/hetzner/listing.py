"""Lists as the API gives them: filtered, sorted, in pages.

https://docs.hetzner.cloud/reference/cloud#pagination, #label-selector, #sorting
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from liferaft.sandbox.hetzner.errors import invalid_field

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

PER_PAGE, MOST_PER_PAGE = 25, 50
_FILTERS = ("id", "name", "status", "type", "architecture", "fingerprint", "ip")
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
    selector = query.get("label_selector")
    if selector:
        items = [item for item in items if selects(selector, item.get("labels", {}))]
    for order in reversed(query.getlist("sort")):
        items = _sorted(items, order)
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
    return all(_holds(term.strip(), labels) for term in _COMMAS.split(selector))


def _holds(term: str, labels: dict[str, str]) -> bool:
    if match := _EQUALS.fullmatch(term):
        equal = labels.get(match["key"]) == match["value"]
        return not equal if match["sign"] == "!=" else equal
    if match := _AMONG.fullmatch(term):
        values = {value.strip() for value in match["values"].split(",")}
        among = labels.get(match["key"]) in values
        return not among if match["sign"] == "notin" else among
    if match := _EXISTS.fullmatch(term):
        return (match["key"] in labels) != bool(match["no"])
    raise invalid_field("label_selector", "label selector is invalid")


def _sorted(items: list[dict[str, Any]], order: str) -> list[dict[str, Any]]:
    name, _, direction = order.partition(":")
    if name not in {"id", "name", "created", "status", "command", "progress", "started"}:
        raise invalid_field("sort", f"cannot sort by {name}")
    return sorted(items, key=lambda item: item[name], reverse=direction == "desc")


def _number(query: MultiDict[str, str], name: str, default: int) -> int:
    value = query.get(name, str(default))
    if not value.isdigit() or int(value) < 1:
        raise invalid_field(name, "must be a positive integer")
    return int(value)
