"""Lists: filtered, ordered, in pages."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.gcp.errors import invalid
from liferaft_sandbox.clouds.gcp.filters import matcher

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from liferaft_sandbox.clouds.gcp.state import Resource

MOST = 500


def page(
    items: Sequence[Resource], query: Mapping[str, Any], *, most: int = MOST
) -> tuple[list[Resource], str | None]:
    """The page that the query asks for, and the token of the next one."""
    chosen = list(items)
    if query.get("filter"):
        passes = matcher(query["filter"])
        chosen = [item for item in chosen if passes(item)]
    chosen = _ordered(chosen, query.get("orderBy", ""))
    size = query.get("maxResults") or most
    if not 0 < size <= most:
        raise invalid("maxResults", size, f"Values must be within the range: [0, {most}]")
    start = _start(query.get("pageToken"))
    following = start + size
    return chosen[start:following], _token(following) if following < len(chosen) else None


def _ordered(items: list[Resource], order: str) -> list[Resource]:
    """https://cloud.google.com/compute/docs/reference/rest/v1/instances/list: only these two."""
    if order == "creationTimestamp desc":
        return sorted(items, key=lambda item: str(item["creationTimestamp"]), reverse=True)
    if order not in {"", "name"}:
        raise invalid("orderBy", order, "Must be name or creationTimestamp desc.")
    return items


def _token(start: int) -> str:
    return base64.urlsafe_b64encode(f"from:{start}".encode()).decode()


def _start(token: str | None) -> int:
    if not token:
        return 0
    try:
        word, _, start = base64.urlsafe_b64decode(token).decode().partition(":")
    except ValueError as error:  # not ASCII, not base64, not UTF-8
        raise invalid("pageToken", token, "Invalid pageToken.") from error
    if word != "from" or not start.isdecimal():
        raise invalid("pageToken", token, "Invalid pageToken.")
    return int(start)
