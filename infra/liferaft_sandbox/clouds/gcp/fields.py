"""Partial answers: `fields=items(name,disks/source),nextPageToken`.

https://cloud.google.com/compute/docs/api/how-tos/performance#partial-response
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.gcp.errors import ApiError, At

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liferaft_sandbox.clouds.gcp.discovery import Document, Method

    Tree = dict[str, "Tree"]  # an empty one means all that is there

_TOKEN = re.compile(r"[^,()/\s]+|[,()/]")
_DEEPEST = 20


class Selection:
    """What of an answer is wanted; raises ApiError for what no answer of the method has."""

    def __init__(self, document: Document, method: Method, said: str | None) -> None:
        self._said = said or ""
        self._tokens = _TOKEN.findall(self._said)
        if said is not None and re.sub(r"\s", "", said) != "".join(self._tokens):
            raise self._refusal()
        self._tree = self._several(0) if self._tokens else {}
        if self._tokens or said == "":
            raise self._refusal()
        if method.response:
            self._check(document, {"$ref": method.response}, self._tree)

    def of(self, body: dict[str, Any]) -> dict[str, Any]:
        """That part of an answer."""
        part: dict[str, Any] = _part(body, self._tree)
        return part

    def _several(self, depth: int) -> Tree:
        tree: Tree = {}
        while True:
            name, under = self._one(depth)
            tree[name] = _joined(tree[name], under) if name in tree else under
            if self._tokens[:1] != [","]:
                return tree
            self._tokens.pop(0)

    def _one(self, depth: int) -> tuple[str, Tree]:
        name = self._tokens.pop(0) if self._tokens else ""
        if name in {"", ",", "(", ")", "/"} or depth > _DEEPEST:
            raise self._refusal()
        if self._tokens[:1] == ["/"]:
            self._tokens.pop(0)
            inner, under = self._one(depth + 1)
            return name, {inner: under}
        if self._tokens[:1] == ["("]:
            self._tokens.pop(0)
            under = self._several(depth + 1)
            if not self._tokens or self._tokens.pop(0) != ")":
                raise self._refusal()
            return name, under
        return name, {}

    def _check(self, document: Document, rule: Mapping[str, Any], tree: Tree) -> None:
        while "$ref" in rule or rule.get("type") == "array":
            rule = document.schemas[rule["$ref"]] if "$ref" in rule else rule["items"]
        for name, under in tree.items():
            inner = rule.get("properties", {}).get(name) or rule.get("additionalProperties")
            if name != "*" and inner is None:
                raise self._refusal(name)
            if inner is not None:
                self._check(document, inner, under)

    def _refusal(self, name: str = "") -> ApiError:
        message = f"Invalid field selection {name or self._said}"
        return ApiError(400, "invalidParameter", message, at=At("fields", "parameter"))


def _joined(one: Tree, other: Tree) -> Tree:
    """What either asks for: gcloud says each field of an inner message by its whole path."""
    if not one or not other:
        return {}
    both = {name: _joined(one[name], other[name]) for name in one.keys() & other.keys()}
    return {**one, **other, **both}


def _part(value: Any, tree: Tree) -> Any:
    if not tree:
        return value
    if isinstance(value, list):
        return [_part(item, tree) for item in value]
    if not isinstance(value, dict):
        return value
    wanted = tree.get("*")
    return {
        key: _part(item, tree.get(key, wanted or {}))
        for key, item in value.items()
        if key in tree or wanted is not None
    }
