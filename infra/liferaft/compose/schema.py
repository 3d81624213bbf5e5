"""What the specification's own JSON Schema says of a file, each complaint at its line."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from check_jsonschema.builtin_schemas import get_builtin_schema
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from liferaft.compose.findings import ComposeFinding
from liferaft.compose.node import YamlNode

_SHOWN: Final = 60
_TYPES: Final = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "nothing",
    "number": "a number",
    "object": "a map",
    "string": "a text",
}


@cache
def schema() -> Mapping[str, Any]:
    """The official schema, as it is bundled: https://github.com/compose-spec/compose-spec."""
    found: Mapping[str, Any] = get_builtin_schema("vendor.compose-spec")
    return found


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(schema())


def complaints(root: YamlNode) -> Iterator[ComposeFinding]:
    """What is written otherwise than the specification allows. Keys that it does not know are left
    to `verdicts`, which say more."""
    for error in _validator().iter_errors(root.plain()):
        for one in _deepest(error):
            if one.validator not in ("additionalProperties", "unevaluatedProperties"):
                yield _finding(root, one)


def _deepest(error: ValidationError) -> Iterator[ValidationError]:
    """Where something may be written in several ways, what is wrong with the nearest of them."""
    if not error.context:
        yield error
        return
    longest = max(len(one.absolute_path) for one in error.context)
    if longest == len(error.absolute_path):
        yield error  # wrong in itself, and not in something inside
        return
    nearest = [one for one in error.context if len(one.absolute_path) == longest]
    yield from _deepest(nearest[0])


def _finding(root: YamlNode, error: ValidationError) -> ComposeFinding:
    path = list(error.absolute_path)
    key = ".".join(str(step) for step in path)
    return root.at(path).found(key, _reason(error), _valid(error))


def _reason(error: ValidationError) -> str:
    shown = _short(error.instance)
    match error.validator:
        case "required":
            return error.message.replace("'", "").replace("is a required property", "is missing")
        case "type":
            return f"{shown} is not {_types([error.validator_value])}"
        case "enum":
            return f"{shown} is none of {', '.join(map(str, _listed(error.validator_value)))}"
        case "oneOf" | "anyOf":
            return f"{shown} is not {_types(_alternatives(error))}"
        case "pattern" | "format":
            return f"{shown} is not written as the specification asks for"
    return f"{shown} is not what the specification asks for"


def _valid(error: ValidationError) -> str:
    """The specification's own words for the key; of an item, what it has to be."""
    described = error.schema if isinstance(error.schema, Mapping) else {}
    asked = _types([error.validator_value]) if error.validator == "type" else ""
    return str(described.get("description", "") or asked or "as the specification has it")


def _alternatives(error: ValidationError) -> list[Any]:
    return [one.validator_value for one in error.context or () if one.validator == "type"]


def _listed(value: Any) -> list[Any]:
    return list(value)


def _types(found: list[Any]) -> str:
    names = [name for each in found for name in (each if isinstance(each, list) else [each])]
    names = [name for name in names if name != "null"] or names
    return " or ".join(dict.fromkeys(_TYPES.get(name, name) for name in names)) or "accepted"


def _short(value: Any) -> str:
    if isinstance(value, Mapping | list):
        return "a map" if isinstance(value, Mapping) else "a list"
    said = json.dumps(value, ensure_ascii=False)
    return said if len(said) <= _SHOWN else f"{said[:_SHOWN]}…"
