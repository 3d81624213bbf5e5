"""Google's APIs as their discovery documents describe them: methods, paths, parameters, types.

The documents are those that google-api-python-client ships. Format:
https://developers.google.com/discovery/v1/reference/apis
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from liferaft_sandbox.clouds.gcp.errors import (
    ApiError,
    At,
    NoSuchPage,
    invalid,
    required,
    sandbox_lacks,
    wrong_verb,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from werkzeug.datastructures import MultiDict

_SEGMENT = re.compile(r"\{\+?(?P<name>\w+)\}(?P<rest>.*)")
_ESF = frozenset({"$alt", "$.xgafv"})
_BOOLEANS = {"true": True, "false": False}
_PARTIAL = {"returnPartialSuccess": {"type": "boolean", "location": "query"}}
"""Taken by every list of Compute Engine and sent by most clients, gcloud among them. Documents of
late 2026 speak of it and no longer declare it; those before did."""


@dataclass(frozen=True)
class Method:
    """One method of an API. `id` is like compute.instances.insert."""

    id: str
    verb: str
    segments: tuple[str, ...]
    parameters: Mapping[str, Mapping[str, Any]]
    request: str | None
    response: str | None
    uploads: bool

    @property
    def name(self) -> str:
        return self.id.rpartition(".")[2]

    @property
    def collection(self) -> str:
        """Like instances in compute.instances.insert."""
        return self.id.split(".")[-2]


@dataclass(frozen=True)
class Match:
    """A method and what its path said."""

    method: Method
    arguments: Mapping[str, str]


class Document:
    """One API. Paths are matched as they came over the wire, still percent-encoded."""

    def __init__(self, said: Mapping[str, Any]) -> None:
        self.name: str = said["name"]
        self.host: str = said["rootUrl"].removeprefix("https://").rstrip("/")
        self.schemas: Mapping[str, Mapping[str, Any]] = said["schemas"]
        self._common = frozenset(said["parameters"]) | _ESF
        self._forms = frozenset(said["parameters"]["alt"]["enum"])
        self._methods: dict[tuple[str, int], list[Method]] = {}
        base = said["servicePath"]
        for method in _methods(base, said["resources"]):
            self._methods.setdefault((method.verb, len(method.segments)), []).append(method)
        for methods in self._methods.values():
            methods.sort(key=_looseness)

    def match(self, verb: str, raw_path: str) -> Match:
        """The method behind a path; raises NoSuchPage when there is none, and ApiError when there
        is one of another verb only."""
        segments = tuple(raw_path.strip("/").split("/"))
        for method in self._methods.get((verb, len(segments)), ()):
            arguments = _arguments(method.segments, segments)
            if arguments is not None:
                return Match(method, arguments)
        if any(
            _arguments(method.segments, segments) is not None
            for (_, length), methods in self._methods.items()
            for method in methods
            if length == len(segments)
        ):
            raise wrong_verb()
        raise NoSuchPage

    def check_path(self, match: Match) -> None:
        """Raises ApiError for an argument that does not have its parameter's pattern."""
        for name, value in match.arguments.items():
            pattern = match.method.parameters.get(name, {}).get("pattern")
            if pattern and not re.fullmatch(pattern, value):
                raise invalid(name, value, f"Must be a match of regex '{pattern}'")

    def query(self, method: Method, given: MultiDict[str, str]) -> dict[str, Any]:
        """The method's query parameters with their types; raises ApiError for others."""
        known = {k: v for k, v in method.parameters.items() if v["location"] == "query"}
        if self.name == "compute" and "filter" in known:
            known |= _PARTIAL
        self._check_form(given.get("alt", "json"))
        for name in given:
            if name not in known and name not in self._common:
                raise _unknown_parameter(name)
        wanted = {
            name: _typed(name, parameter, given.getlist(name))
            for name, parameter in known.items()
            if given.get(name)
        }
        for name, parameter in known.items():
            if parameter.get("required") and name not in wanted:
                raise required(name)
        return wanted

    def _check_form(self, alt: str) -> None:
        """`media` goes with Cloud Storage's objects alone, which see to it themselves."""
        form = alt.partition(";")[0]  # json;enum-encoding=int, as the newer clients say it
        if form not in self._forms:
            said = f"Invalid value '{alt}'. Values must match the following regular expression: "
            at = At("alt", "parameter")
            raise ApiError(400, "invalidParameter", said + f"'{'|'.join(self._forms)}'", at=at)
        if form != "json" and self.name != "storage":
            raise sandbox_lacks(f"answers in another form than JSON (alt={alt})")

    def default(self, schema: str | None, field: str) -> str:
        """A field's default, like `kind`; empty when there is none."""
        properties = self.schemas[schema]["properties"] if schema else {}
        return str(properties.get(field, {}).get("default", ""))

    def has(self, schema: str, field: str) -> bool:
        return field in self.schemas[schema]["properties"]


@cache
def document(name: str, version: str) -> Document:
    """The API that google-api-python-client knows by that name and version."""
    folder = resources.files("googleapiclient") / "discovery_cache" / "documents"
    text = (folder / f"{name}.{version}.json").read_text(encoding="utf-8")
    return Document(json.loads(text))


def _methods(base: str, said: Mapping[str, Any]) -> Iterator[Method]:
    for resource in said.values():
        for method in resource.get("methods", {}).values():
            path = base + method.get("flatPath", method["path"])
            yield Method(
                id=method["id"],
                verb=method["httpMethod"],
                segments=tuple(path.split("/")),
                parameters=method.get("parameters", {}),
                request=method.get("request", {}).get("$ref"),
                response=method.get("response", {}).get("$ref"),
                uploads="mediaUpload" in method,
            )
        yield from _methods(base, resource.get("resources", {}))


def _looseness(method: Method) -> tuple[int, bool]:
    """The precise ones first: a name could be anything, a verb behind it as well."""
    verbs = any("}:" in part for part in method.segments)
    return sum("{" in part for part in method.segments), not verbs


def _arguments(template: tuple[str, ...], segments: tuple[str, ...]) -> dict[str, str] | None:
    found: dict[str, str] = {}
    for wanted, segment in zip(template, segments, strict=True):
        parameter = _SEGMENT.fullmatch(wanted)
        if parameter is None:
            if wanted != segment:
                return None
            continue
        verb = parameter["rest"]  # like :getIamPolicy
        value = segment.removesuffix(verb)
        if not value or (verb and value == segment):
            return None
        found[parameter["name"]] = unquote(value)
    return found


def _typed(name: str, parameter: Mapping[str, Any], values: list[str]) -> Any:
    if parameter.get("repeated"):
        return values
    value = values[-1]
    if parameter["type"] == "boolean":
        if value.lower() not in _BOOLEANS:  # Python's clients write True
            raise _unfitting(name, "TYPE_BOOL", value)
        return _BOOLEANS[value.lower()]
    if parameter["type"] == "integer":
        if not re.fullmatch(r"-?\d+", value):
            raise _unfitting(name, "TYPE_UINT32", value)
        return int(value)
    if parameter.get("format") in {"int64", "uint64"} and not re.fullmatch(r"-?\d+", value):
        raise _unfitting(name, "TYPE_INT64", value)
    if "enum" in parameter and value not in parameter["enum"]:
        raise invalid(name, value, f"Must be one of {', '.join(parameter['enum'])}")
    return value


def _unfitting(name: str, kind: str, value: str) -> ApiError:
    return ApiError(400, "badRequest", f"Invalid value at '{name}' ({kind}), \"{value}\"")


def _unknown_parameter(name: str) -> ApiError:
    return ApiError(
        400,
        "badRequest",
        f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter. '
        f"Field '{name}' could not be found in request message.",
    )
