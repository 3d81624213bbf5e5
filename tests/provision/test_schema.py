"""The vocabulary three times: kinds, classes for programs, the package's schema. They agree."""

import inspect
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from typing import Any

import pulumi
import pytest
from pulumi.provider.experimental.server import ProviderServicer
from pulumi.runtime.proto import provider_pb2 as wire
from pydantic.alias_generators import to_camel

from liferaft.clouds.kinds import KINDS, ResourceKind
from liferaft.provision import plugin, resources
from liferaft.provision.schema import PACKAGE, RULE, schema

ALL = list(KINDS.values())
EVERY_KIND = pytest.mark.parametrize("kind", ALL, ids=[kind.name for kind in ALL])
SAID = schema()
PYTHON = {"string": "str", "integer": "int"}


def wanted(kind: ResourceKind[Any, Any]) -> set[str]:
    return {field.name for field in fields(kind.spec)}


def told(kind: ResourceKind[Any, Any]) -> set[str]:
    return {field.name for field in fields(kind.facts)} - {"id"}


def constructor(kind: ResourceKind[Any, Any]) -> Mapping[str, inspect.Parameter]:
    found = dict(inspect.signature(resources.CLASSES[kind.name].__init__).parameters)
    return {name: found[name] for name in found if name not in {"self", "resource_name", "opts"}}


def said(kind: ResourceKind[Any, Any]) -> dict[str, Any]:
    found: dict[str, Any] = SAID["resources"][resources.token(kind)]
    return found


def test_each_kind_has_a_class_and_a_place_in_the_schema() -> None:
    assert set(resources.CLASSES) == set(KINDS)
    assert set(SAID["resources"]) == {resources.token(kind) for kind in ALL}


@EVERY_KIND
def test_a_class_takes_what_its_kind_wants_and_needs_what_its_kind_needs(
    kind: ResourceKind[Any, Any],
) -> None:
    taken = constructor(kind)
    assert set(taken) == wanted(kind)
    needed = {name for name, one in taken.items() if one.default is inspect.Parameter.empty}
    assert needed | {"name"} == {f.name for f in fields(kind.spec) if f.default is MISSING}


@EVERY_KIND
def test_a_class_shows_editors_each_output_with_its_type(kind: ResourceKind[Any, Any]) -> None:
    shown = inspect.get_annotations(resources.CLASSES[kind.name])
    assert set(shown) == wanted(kind) | told(kind)
    assert {hint.__origin__ for hint in shown.values()} == {pulumi.Output}
    for name, one in said(kind)["properties"].items():
        hint = str(shown[next(plain for plain in shown if to_camel(plain) == name)])
        kept = name in said(kind)["required"]
        assert PYTHON.get(one["type"], "Sequence") in hint
        assert ("None" in hint) == (not kept)


@EVERY_KIND
def test_the_schema_has_the_inputs_and_outputs_of_the_kind(kind: ResourceKind[Any, Any]) -> None:
    entry = said(kind)
    assert set(entry["inputProperties"]) == set(map(to_camel, wanted(kind)))
    assert set(entry["properties"]) == set(map(to_camel, wanted(kind) | told(kind)))
    free = {name for name, one in entry["inputProperties"].items() if _stays(one)}
    assert free == set(map(to_camel, kind.updatable | kind.at_birth))
    secret = {name for name, one in entry["inputProperties"].items() if one.get("secret")}
    assert secret == set(map(to_camel, kind.secrets()))
    assert secret == {name for name, one in entry["properties"].items() if one.get("secret")}
    assert entry["description"]


def _stays(one: Mapping[str, Any]) -> bool:
    return "willReplaceOnChanges" not in one


def specs(found: Any) -> Iterator[dict[str, Any]]:
    """Everything in the schema that says what a value is."""
    for entry in (*found["resources"].values(), *found["types"].values(), found["provider"]):
        for part in ("properties", "inputProperties"):
            yield from entry.get(part, {}).values()
    yield from found["config"]["variables"].values()


def test_the_schema_keeps_the_rules_of_pulumis_metaschema() -> None:
    """Those that a generated one could break; the metaschema itself is not ours to copy."""
    assert re.fullmatch(r"[a-zA-Z][-a-zA-Z0-9_]*", SAID["name"])
    assert re.fullmatch(r"\d+\.\d+\.\d+", SAID["version"])
    token = rf"{PACKAGE}:[^0-9][a-zA-Z0-9._/-]*:[^0-9][a-zA-Z0-9._/-]*"
    assert all(re.fullmatch(token, name) for name in (*SAID["resources"], *SAID["types"]))
    for one in specs(SAID):
        _assert_type(one)
        assert one.keys() <= {
            *("type", "items", "$ref", "description"),
            *("default", "secret", "willReplaceOnChanges"),
        }
    for entry in (*SAID["resources"].values(), *SAID["types"].values()):
        assert set(entry["required"]) <= set(entry["properties"])
        assert set(entry.get("requiredInputs", ())) <= set(entry.get("inputProperties", ()))


def _assert_type(one: Mapping[str, Any]) -> None:
    if "$ref" in one:
        assert one["$ref"] == f"#/types/{RULE}"
    elif one["type"] == "array":
        _assert_type(one["items"])
    else:
        assert one["type"] in {"string", "integer", "boolean"}


def test_no_input_is_a_credential() -> None:
    names = {
        (token, name)
        for token, entry in (*SAID["resources"].items(), ("provider", SAID["provider"]))
        for name in entry["inputProperties"]
    }
    names |= {("config", name) for name in SAID["config"]["variables"]}
    words = r"key|token|secret|password|passphrase|credential"
    assert {name for _, name in names if re.search(words, name, re.IGNORECASE)} == {
        "publicKey",  # public
        "sshKeyId",  # a name
    }


async def test_the_plugin_serves_the_schema() -> None:
    servicer = ProviderServicer([], "0.1.0", plugin.provider({}), "")
    answer = await servicer.GetSchema(wire.GetSchemaRequest(), None)
    assert json.loads(answer.schema) == SAID
