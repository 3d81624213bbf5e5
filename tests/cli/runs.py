"""A journal in the vault of an operator's folder."""

from typing import Any

from liferaft.journal import Event, RunName
from liferaft.vault import Vault

AT = "2026-11-22T14:00:00.000Z"
NAME = RunName(2, "20261122T140000000Z-1a2b3c4d")
STARTED: list[tuple[str, dict[str, Any]]] = [
    ("step-started", {"step": "reserve", "needs": []}),
    ("step-done", {"step": "reserve"}),
]
FINISHED: list[tuple[str, dict[str, Any]]] = [*STARTED, ("run-finished", {})]


def written(
    vault: Vault, rows: list[tuple[str, dict[str, Any]]], name: RunName = NAME, **inputs: Any
) -> RunName:
    """A failover to north with these events."""
    told = {"site": "north", "epoch": name.epoch, "reigns": True, "from_site": "east"} | inputs
    beginning = {"move": "failover", "site": "north", "inputs": told, "digest": "d"}
    for seq, (kind, facts) in enumerate([("run-started", beginning), *rows], 1):
        assert vault.create(name.key(seq), Event(seq, kind, AT, "s", float(seq), facts).to_json())
    return name
