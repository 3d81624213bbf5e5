"""Request bodies against the schemas of a discovery document."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.gcp.errors import ApiError, bad_payload, invalid, required

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liferaft_sandbox.clouds.gcp.discovery import Document

_CAMEL = re.compile(r"_([a-z0-9])")
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WHOLE = re.compile(r"-?\d+")
_INTEGERS = {"int32": "TYPE_INT32", "uint32": "TYPE_UINT32"}
_LONGS = {"int64": "TYPE_INT64", "uint64": "TYPE_UINT64"}
_BOUNDS = {
    "TYPE_INT32": (-(2**31), 2**31 - 1),
    "TYPE_UINT32": (0, 2**32 - 1),
    "TYPE_INT64": (-(2**63), 2**63 - 1),
    "TYPE_UINT64": (0, 2**64 - 1),
}


def checked(
    document: Document, schema: str, method_id: str, body: object, root: str
) -> dict[str, Any]:
    """`body` without what only Google may set and without nulls.

    Raises ApiError: first for everything that is not of its type, together; then for the first
    required field that is missing or value that lacks its pattern. `root` names the body.
    """
    check = _Check(document, method_id)
    cleaned = check.message(document.schemas[schema], body, root)
    if check.violations:
        raise bad_payload(check.violations)
    if check.refusal:
        raise check.refusal
    return dict(cleaned)


@dataclass
class _Check:
    document: Document
    method_id: str
    violations: list[tuple[str, str]] = field(default_factory=list)
    refusal: ApiError | None = None

    def message(self, schema: Mapping[str, Any], value: object, path: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            self._refuse_unfitting(path, schema.get("id", "message"), value)
            return {}
        properties, others = schema.get("properties", {}), schema.get("additionalProperties")
        cleaned = {}
        for name, item in value.items():
            at = f"{path}.{name}"
            if item is None:
                continue
            if name not in properties and (camel := _camel(name)) in properties:
                name = camel  # noqa: PLW2901 - the same field by its other name
            if name in properties:
                if not properties[name].get("readOnly"):
                    cleaned[name] = self._value(properties[name], item, at)
            elif others is not None:
                cleaned[name] = self._value(others, item, at)
            else:
                said = f"Unknown name \"{name}\" at '{_snake(path)}': Cannot find field."
                self._violation(path, f"Invalid JSON payload received. {said}")
        for name, rule in properties.items():
            demanded = rule.get("annotations", {}).get("required", ())
            if self.method_id in demanded and name not in cleaned:
                self._refuse(required(f"{path}.{name}"))
        return cleaned

    def _value(self, rule: Mapping[str, Any], value: object, path: str) -> object:
        if "$ref" in rule:
            return self.message(self.document.schemas[rule["$ref"]], value, path)
        kind = rule.get("type", "any")
        if kind == "array":
            return self._list(rule, value, path)
        if kind == "object":
            return self.message(rule, value, path)
        if kind == "string":
            return self._string(rule, value, path)
        if kind == "boolean" and not isinstance(value, bool):
            self._refuse_unfitting(path, "TYPE_BOOL", value)
        if kind == "integer":
            return self._integer(_INTEGERS.get(rule.get("format", ""), "TYPE_INT32"), value, path)
        if kind == "number" and (isinstance(value, bool) or not isinstance(value, int | float)):
            self._refuse_unfitting(path, "TYPE_DOUBLE", value)
        return value

    def _list(self, rule: Mapping[str, Any], value: object, path: str) -> object:
        if not isinstance(value, list):
            said = f"Proto field is repeating, cannot start list. Invalid value at '{_snake(path)}'"
            self._violation(path, f"Invalid JSON payload received. {said}")
            return []
        item = dict(rule["items"])
        if "pattern" in rule:  # Compute Engine says it of the list and means its items
            item["pattern"] = rule["pattern"]
        return [self._value(item, entry, f"{path}[{i}]") for i, entry in enumerate(value)]

    def _string(self, rule: Mapping[str, Any], value: object, path: str) -> object:
        if rule.get("format") in _LONGS:
            number = self._integer(_LONGS[rule["format"]], value, path)
            return str(number)
        if not isinstance(value, str):
            self._refuse_unfitting(path, "TYPE_STRING", value)
            return ""
        if value and "enum" in rule and value not in rule["enum"]:
            self._refuse_unfitting(path, "TYPE_ENUM", value)
        elif value and "pattern" in rule and not re.fullmatch(rule["pattern"], value):
            pattern = rule["pattern"]
            self._refuse(invalid(path, value, f"Must be a match of regex '{pattern}'"))
        return value

    def _integer(self, kind: str, value: object, path: str) -> int:
        if isinstance(value, int) and not isinstance(value, bool):
            return self._within(kind, value, path)
        if isinstance(value, float) and value.is_integer():
            return self._within(kind, int(value), path)
        if isinstance(value, str) and _WHOLE.fullmatch(value):
            return self._within(kind, int(value), path)
        self._refuse_unfitting(path, kind, value)
        return 0

    def _within(self, kind: str, value: int, path: str) -> int:
        lowest, highest = _BOUNDS[kind]
        if not lowest <= value <= highest:
            self._refuse_unfitting(path, kind, value)
        return value

    def _refuse_unfitting(self, path: str, kind: str, value: object) -> None:
        shown = f'"{value}"' if isinstance(value, str) else str(value).lower()
        self._violation(path, f"Invalid value at '{_snake(path)}' ({kind}), {shown}")

    def _violation(self, path: str, said: str) -> None:
        self.violations.append((_snake(path), said))

    def _refuse(self, error: ApiError) -> None:
        self.refusal = self.refusal or error


def _camel(name: str) -> str:
    """Names as in .proto files are taken, too: https://protobuf.dev/programming-guides/json/"""
    return _CAMEL.sub(lambda match: match[1].upper(), name)


def _snake(path: str) -> str:
    """Google's parser names fields by their protobuf names."""
    return _WORD.sub("_", path).lower()
