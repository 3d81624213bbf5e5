"""Objects made of objects: https://cloud.google.com/storage/docs/json_api/v1/objects/rewrite"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.gcp.errors import invalid, required

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liferaft_sandbox.clouds.gcp.objects import Objects
    from liferaft_sandbox.clouds.gcp.state import Resource

MOST_SOURCES = 32
_SOURCE = "ifSource"


@dataclass(frozen=True)
class Asked:
    """A request: the names in its path, its body, its query, and the address that it came to."""

    arguments: Mapping[str, str]
    said: Resource
    query: Mapping[str, Any]
    base: str


def copy_object(objects: Objects, asked: Asked) -> Resource:
    """The new object. What is said of it stands instead of all that its source says of itself."""
    conditions = {
        f"if{key.removeprefix(_SOURCE)}": value
        for key, value in asked.query.items()
        if key.startswith(_SOURCE)
    }
    if "sourceGeneration" in asked.query:
        conditions["generation"] = asked.query["sourceGeneration"]
    content, own = objects.content(
        asked.arguments["sourceBucket"], asked.arguments["sourceObject"], conditions
    )
    inherited = {key: value for key, value in own.items() if key != "componentCount"}
    stated = {key: value for key, value in asked.said.items() if key not in {"name", "bucket"}}
    wanted = {**(stated or inherited), "name": asked.arguments["destinationObject"]}
    return objects.insert(
        asked.arguments["destinationBucket"], wanted, content, asked.query, asked.base
    )


def rewrite_object(objects: Objects, asked: Asked) -> Resource:
    """Always whole in one call, so no token is ever needed."""
    made = copy_object(objects, asked)
    return {
        "kind": "storage#rewriteResponse",
        "totalBytesRewritten": made["size"],
        "objectSize": made["size"],
        "done": True,
        "resource": made,
    }


def compose_object(objects: Objects, asked: Asked) -> Resource:
    """https://cloud.google.com/storage/docs/json_api/v1/objects/compose"""
    sources, bucket = asked.said.get("sourceObjects", []), asked.arguments["destinationBucket"]
    if not 0 < len(sources) <= MOST_SOURCES:
        why = f"The number of source components must be between 1 and {MOST_SOURCES}"
        raise invalid("sourceObjects", len(sources), why)
    parts, count = [], 0
    for source in sources:
        if not source.get("name"):
            raise required("sourceObjects.name")
        conditions = {**source.get("objectPreconditions", {})}
        if "generation" in source:
            conditions["generation"] = source["generation"]
        content, of_source = objects.content(bucket, source["name"], conditions)
        parts.append(content)
        count += of_source.get("componentCount", 1)
    said = asked.said.get("destination", {})  # gcloud sends all that its first source says
    own = {key: value for key, value in said.items() if key not in {"crc32c", "md5Hash"}}
    wanted = {**own, "name": asked.arguments["destinationObject"]}
    return objects.insert(
        bucket, wanted, b"".join(parts), asked.query, asked.base, components=count
    )
