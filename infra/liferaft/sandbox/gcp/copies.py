"""Objects made of objects: https://cloud.google.com/storage/docs/json_api/v1/objects/rewrite"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from liferaft.sandbox.gcp.errors import invalid, required

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liferaft.sandbox.gcp.objects import Objects
    from liferaft.sandbox.gcp.state import Resource

MOST_SOURCES = 32
_SOURCE = "ifSource"


def copied(
    objects: Objects,
    arguments: Mapping[str, str],
    said: Resource,
    query: Mapping[str, Any],
    base: str,
) -> Resource:
    """The new object. What is said of it stands instead of all that its source says of itself."""
    conditions = {
        f"if{key.removeprefix(_SOURCE)}": value
        for key, value in query.items()
        if key.startswith(_SOURCE)
    }
    if "sourceGeneration" in query:
        conditions["generation"] = query["sourceGeneration"]
    content, own = objects.content(arguments["sourceBucket"], arguments["sourceObject"], conditions)
    inherited = {key: value for key, value in own.items() if key != "componentCount"}
    stated = {key: value for key, value in said.items() if key not in {"name", "bucket"}}
    wanted = {**(stated or inherited), "name": arguments["destinationObject"]}
    return objects.insert(arguments["destinationBucket"], wanted, content, query, base)


def rewritten(
    objects: Objects,
    arguments: Mapping[str, str],
    said: Resource,
    query: Mapping[str, Any],
    base: str,
) -> Resource:
    """Always whole in one call, so no token is ever needed."""
    made = copied(objects, arguments, said, query, base)
    return {
        "kind": "storage#rewriteResponse",
        "totalBytesRewritten": made["size"],
        "objectSize": made["size"],
        "done": True,
        "resource": made,
    }


def composed(
    objects: Objects,
    arguments: Mapping[str, str],
    said: Resource,
    query: Mapping[str, Any],
    base: str,
) -> Resource:
    """https://cloud.google.com/storage/docs/json_api/v1/objects/compose"""
    sources, bucket = said.get("sourceObjects", []), arguments["destinationBucket"]
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
        content, own = objects.content(bucket, source["name"], conditions)
        parts.append(content)
        count += own.get("componentCount", 1)
    wanted = {**said.get("destination", {}), "name": arguments["destinationObject"]}
    return objects.insert(bucket, wanted, b"".join(parts), query, base, components=count)
