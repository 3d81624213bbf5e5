"""What somebody finds in a modelled world: the same for two worlds that differ in nothing that
matters. Times, and what is drawn at random, do not."""

import json
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from tests.models.files import Kept
from tests.models.machine import Machine
from tests.models.programs.isolation import KERNEL
from tests.models.programs.postgres import CLUSTER_FILE
from tests.models.scene import SHELF, Scene

from liferaft.data.bucket.keeper import KEPT
from liferaft.data.postgres.layout import GET_LOG
from liferaft.hosts.ssh_files import OWN_KEY

Seen = Mapping[str, Any]
_DRAWN = frozenset(
    {
        "at",
        "taken_at",
        "nonce",
        "created",
        "beats",
        "timestamp",
        "started",
        "public_key",
        "system_id",
    }
)
"""Keys of documents whose values differ from run to run."""
_BY_CONTENT = re.compile(r"(?<=[0-9A-F]{24})-[0-9a-f]{40}")
"""Of a WAL file's name: its content has a heartbeat's time in it."""
_SUFFIX = re.compile(r"(?<=-media)-[0-9a-f]{8}$")
"""Of a bucket's name. Two buckets of one name but for it are two."""
_LEFT_BEHIND = re.compile(r"/srv/liferaft/app\.next-[0-9a-f]+(/|$)")
"""What a killed start had staged: the server itself forgets it after an hour."""
_TRIED_WITH = "chirp/probe/"
"""What a killed trial of a store had put there."""
_CHANGING = (f"{OWN_KEY}", GET_LOG, KEPT)


def seen(scene: Scene) -> Seen:
    """By place: what lies, stands or runs there."""
    found: dict[str, Any] = {"the name": scene.zone}
    for bucket, objects in scene.outside.items():
        for key, body in objects.items():
            if bucket != SHELF:
                found[f"bucket {_SUFFIX.sub('', bucket)}: {key}"] = body
            elif not key.startswith(_TRIED_WITH):
                found[f"vault: {_BY_CONTENT.sub('', key)}"] = _object(body)
    for stack, state in scene.states.items():
        found[f"state {stack}"] = sorted(row["urn"] for row in state.rows)
        found[f"begun {stack}"] = sorted(one["resource"]["urn"] for one in state.pending)
    for name, account in scene.accounts.items():
        for ident, thing in account.things.items():
            whole = f"{thing.kind} {thing.owner.name(_SUFFIX.sub('', thing.spec.name))}"
            found[f"{name}: {whole}"] = found.get(f"{name}: {whole}", 0) + 1
            if ident in scene.machines:
                found |= _machine(f"{name}: {whole}", scene.machines[ident])
    return found


@lru_cache(maxsize=4096)
def _object(body: bytes) -> Any:
    """What is in an object, if anybody can read it."""
    content = body.partition(b"\n")[2] if body.startswith(b"liferaft ") else body
    return _document(content) if content[:1] in (b"{", b"[") else None


@lru_cache(maxsize=4096)
def _document(content: bytes) -> Any:
    return _lasting(json.loads(content))


def _lasting(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _lasting(one) for name, one in value.items() if name not in _DRAWN}
    if isinstance(value, str) and value.startswith("SCRAM-SHA-256$"):
        return "a verifier of a password"
    if isinstance(value, str):
        return _SUFFIX.sub("", value)
    return [_lasting(one) for one in value] if isinstance(value, list) else value


def _machine(place: str, machine: Machine) -> Seen:
    found: dict[str, Any] = {f"{place} packages": sorted(machine.packages)}
    for path, kept in machine.files.there.items():
        if not _is_left_behind(path):
            found[f"{place} {path}"] = (_content(path, kept), kept.mode, kept.owner)
    for unit, state in machine.units.items():
        if state.active or state.enabled or state.failed:
            found[f"{place} {unit}"] = (state.enabled, state.active, state.failed)
    found[f"{place} rules"] = machine.kept.get(KERNEL, {})
    found[f"{place} images"] = machine.kept.get("images", {})
    found[f"{place} containers"] = _lasting(machine.kept.get("containers", {}))
    return found


def _content(path: str, kept: Kept) -> Any:
    if kept.content is None:
        return "a folder"
    if path == CLUSTER_FILE:
        return _document(kept.content)
    return "something" if _is_drawn(path) else kept.content


@cache
def _is_drawn(path: str) -> bool:
    return path.startswith(_CHANGING)


@cache
def _is_left_behind(path: str) -> bool:
    return bool(_LEFT_BEHIND.match(path))


def differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Where two worlds differ, and how."""
    absent = "nothing"
    return [
        f"{place}: {one.get(place, absent)!r:.300} / {other.get(place, absent)!r:.300}"
        for place in sorted(one.keys() | other.keys())
        if one.get(place, absent) != other.get(place, absent)
    ]
