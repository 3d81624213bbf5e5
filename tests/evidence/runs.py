"""Rows of journals, and a failover that went well: what tests of reports begin with."""

from collections.abc import Callable, Mapping
from typing import Any

from liferaft.journal import RunName

Row = tuple[float, str, dict[str, Any]]
Written = Callable[..., RunName]
BEGAN = 1795356000.0
"""2026-11-22T14:00:00Z, when journals of these tests begin."""
ABOUT: Mapping[str, Any] = {
    "app": "chirp",
    "domain": "chirp.test",
    "ttl": 60,
    "by": "ops@desk",
    "versions": {"liferaft": "0.1.0", "servers": "debian-13"},
    "steps": [
        {"name": "reserve", "sentence": "Reserve network at north", "final": False},
        {"name": "fence", "sentence": "Epoch 2: north reigns", "final": True},
    ],
}


def started(second: float, step: str, *needs: str) -> Row:
    return second, "step-started", {"step": step, "needs": list(needs)}


def done(second: float, step: str, **facts: Any) -> Row:
    return second, "step-done", {"step": step, **facts}


def failed(second: float, step: str, happened: str, **facts: Any) -> Row:
    return second, "step-failed", {"step": step, "happened": happened, **facts}


FAILOVER: list[Row] = [
    started(0.5, "reserve"),
    done(2.5, "reserve"),
    started(2.5, "dns-one", "reserve"),
    done(3.5, "dns-one"),
    started(3.5, "edge", "reserve"),
    done(12.5, "edge"),
    started(12.5, "promote", "edge"),
    done(15.5, "promote", recovered_until=BEGAN - 8.75),
    started(15.5, "prove", "promote"),
    done(40.0, "prove"),
    (41.0, "run-finished", {"changed": [], "held": []}),
]
