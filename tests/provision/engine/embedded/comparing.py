"""Checkpoints of two engines compared, modulo what is random, a clock, or a set."""

import json
import re
from collections.abc import Iterable
from typing import Any

_RULES = (
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z", "TIME"),
    (r"v1:[A-Za-z0-9+/=]+:v1:[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+", "SALT"),
    (r"v1:[A-Za-z0-9+/=]{16}:[A-Za-z0-9+/=]+", "SEALED"),
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID"),
)


def settled(text: str) -> Any:
    """A checkpoint that equals another's if the two say the same."""
    for pattern, word in _RULES:
        text = re.sub(pattern, word, text)
    found = json.loads(text)
    found.pop("liferaft_sha256", None)  # ours, which the CLI passes over
    _sort_sets(found)
    latest = found["checkpoint"].get("latest") or {}
    latest.get("resources", []).sort(key=lambda row: (row["urn"], json.dumps(row)))
    return found


def _sort_sets(value: Any) -> None:
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        if key == "dependencies" and isinstance(item, list):
            item.sort()
        elif key == "propertyDependencies":
            for names in item.values():
                (names or []).sort()
        elif isinstance(item, dict | list):
            _sort_sets(item)


def comes_after_its_dependencies(latest: dict[str, Any]) -> bool:
    """Whether every row stands behind the rows that it needs."""
    seen: set[str] = set()
    present = {row["urn"] for row in latest.get("resources", [])}
    for row in latest.get("resources", []):
        needed = {row.get("parent", ""), *row.get("dependencies", [])} & present
        if not row.get("delete") and not needed <= seen:
            return False
        seen.add(row["urn"])
    return True


_DELETES = {"delete", "delete-replaced", "discard", "discard-replaced"}


def out_of_order(
    steps: Iterable[tuple[str, str]], rows: Iterable[dict[str, Any]]
) -> list[tuple[str, str]]:
    """Pairs (row, what it needs) that were made, or deleted, in the wrong order."""
    made: dict[str, int] = {}
    gone: dict[str, int] = {}
    for moment, (op, urn) in enumerate(steps):
        (gone if op in _DELETES else made).setdefault(urn, moment)
    pairs = {(row["urn"], needed) for row in rows for needed in _needs(row)}
    return sorted(
        (urn, needed)
        for urn, needed in pairs
        if (urn in made and needed in made and made[urn] < made[needed])
        or (urn in gone and needed in gone and gone[urn] > gone[needed])
    )


def _needs(row: dict[str, Any]) -> set[str]:
    by_property = (row.get("propertyDependencies") or {}).values()
    listed = [*row.get("dependencies", []), *(urn for urns in by_property for urn in urns or [])]
    provider = row.get("provider", "").rpartition("::")[0]
    return {row.get("parent", ""), provider, *listed} - {""}
