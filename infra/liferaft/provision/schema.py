"""The vocabulary as a Pulumi package schema, for `pulumi package get-schema` and YAML programs.

Generated from `clouds.kinds`: types, what is required, defaults, secrets, what replaces. The words
are those that stand beside the fields. Its form is Pulumi's metaschema:
https://github.com/pulumi/pulumi/blob/master/pkg/codegen/schema/pulumi.json
"""

import ast
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields
from functools import cache
from importlib.metadata import version
from itertools import pairwise
from textwrap import dedent
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic.alias_generators import to_camel

from liferaft.clouds.kinds import KINDS, ResourceKind, Rule
from liferaft.provision import resources

PACKAGE = resources.PACKAGE
RULE = f"{PACKAGE}:index:{Rule.__name__}"
_PRIMITIVES: Mapping[Any, str] = {str: "string", int: "integer", bool: "boolean"}
_CONFIG = {
    "cloud": "The cloud's name, such as aws.",
    "region": "The region's or location's name at the cloud.",
    "app": "The application, a part of every name and label.",
    "site": "The site, a part of every name and label.",
    "epoch": "The number of the reign that creates, a whole number.",
    "inventory": "What a cloud without an API consists of, as JSON. Holds no secrets.",
}
_OPTIONAL_CONFIG = ("inventory",)


def schema() -> dict[str, Any]:
    """The whole package. `Site` is left out: a component that only Python programs have."""
    variables = {name: {"type": "string", "description": text} for name, text in _CONFIG.items()}
    return {
        "name": PACKAGE,
        "displayName": "liferaft",
        "version": version("liferaft"),
        "description": "Servers, and what surrounds them, in the same words at every cloud.",
        "keywords": ["pulumi", "kind/native"],
        "license": "Apache-2.0",
        "config": {"variables": variables, "defaults": list(_OPTIONAL_CONFIG)},
        "provider": {
            "type": "object",
            "description": "One cloud's region. Credentials come from its environment.",
            "inputProperties": variables,
            "requiredInputs": [name for name in _CONFIG if name not in _OPTIONAL_CONFIG],
        },
        "types": {RULE: _rule()},
        "resources": {resources.token(kind): _resource(kind) for kind in KINDS.values()},
    }


def _resource(kind: ResourceKind[Any, Any]) -> dict[str, Any]:
    wanted = {to_camel(field.name): field for field in fields(kind.spec)}
    told = {to_camel(field.name): field for field in fields(kind.facts) if field.name != "id"}
    needed = [name for name, field in wanted.items() if _is_needed(field)]
    inputs = {name: _input(kind, field) for name, field in wanted.items()}
    outputs = {name: _output(kind, field) for name, field in {**told, **wanted}.items()}
    described = resources.CLASSES[kind.name].__doc__ or ""
    return {
        "type": "object",
        "description": inspect.cleandoc(described),
        "inputProperties": inputs,
        "requiredInputs": needed,
        "properties": outputs,
        "required": [name for name in outputs if name in told or name in needed],
    }


def _input(kind: ResourceKind[Any, Any], field: Field[Any]) -> dict[str, Any]:
    found = _property(kind.spec, field)
    if isinstance(field.default, str | int):
        found["default"] = field.default
    if field.name not in kind.updatable | kind.at_birth:
        found["willReplaceOnChanges"] = True
    if field.name in kind.secrets():
        found["secret"] = True
    return found


def _output(kind: ResourceKind[Any, Any], field: Field[Any]) -> dict[str, Any]:
    owner = kind.spec if field in fields(kind.spec) else kind.facts
    found = _property(owner, field)
    if field.name in kind.secrets():
        found["secret"] = True
    return found


def _rule() -> dict[str, Any]:
    return {
        "type": "object",
        "description": inspect.cleandoc(Rule.__doc__ or ""),
        "properties": {field.name: _property(Rule, field) for field in fields(Rule)},
        "required": [field.name for field in fields(Rule) if _is_needed(field)],
    }


def _property(owner: type, field: Field[Any]) -> dict[str, Any]:
    hint = get_type_hints(owner, include_extras=True)[field.name]
    text = " ".join((words(owner).get(field.name, ""), _choices(hint))).strip()
    return {**_type(hint), **({"description": text} if text else {})}


def _type(hint: Any) -> dict[str, Any]:
    """The schema's word for a Python type. Raises TypeError for one that has none yet."""
    bare = _bare(hint)
    if bare in _PRIMITIVES:
        return {"type": _PRIMITIVES[bare]}
    if get_origin(bare) is Literal:
        return {"type": "string"}
    if get_origin(bare) is tuple:
        return {"type": "array", "items": _type(get_args(bare)[0])}
    if bare is Rule:
        return {"$ref": f"#/types/{RULE}"}
    raise TypeError(f"{hint} has no place in the schema")


def _bare(hint: Any) -> Any:
    """A type without what narrows it (Annotated) or lets it be left out (None)."""
    if get_origin(hint) is Annotated:
        return _bare(get_args(hint)[0])
    if get_origin(hint) in {Union, UnionType}:
        return _bare(next(part for part in get_args(hint) if part is not NoneType))
    return hint


def _choices(hint: Any) -> str:
    bare = _bare(hint)
    return f"One of: {', '.join(get_args(bare))}." if get_origin(bare) is Literal else ""


def _is_needed(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


@cache
def words(owner: type) -> Mapping[str, str]:
    """The docstrings beside a dataclass's fields, which Python itself does not keep."""
    return dict(_words(ast.parse(dedent(inspect.getsource(owner))).body[0]))


def _words(owner: ast.AST) -> Iterator[tuple[str, str]]:
    body = owner.body if isinstance(owner, ast.ClassDef) else []
    for statement, after in pairwise(body):
        match statement, after:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                yield name, " ".join(text.split())
