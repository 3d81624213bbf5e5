"""Drills as their journals have them, at moments of their own."""

from datetime import datetime, timedelta
from typing import Any

from liferaft.journal import Event, RunName
from liferaft.vault import Vault, layout

Row = tuple[float, str, dict[str, Any]]


def play(
    vault: Vault,
    began: datetime,
    *,
    site: str = "north",
    rto: float = 40.0,
    target: float | None = None,
    fails: bool = False,
    data_only: bool = False,
) -> RunName:
    """Write the journal of a drill that began then. target: the RTO that was asked for."""
    name = RunName.new(1, began)
    name = RunName(1, name.run, among=layout.DRILL_RUNS)
    about = {"app": "chirp", "targets": {"rto": target} if target else {}}
    inputs: dict[str, Any] = {
        "site": f"{site}-drill",
        "standby": site,
        "epoch": 1,
        "from_site": "east",
    }
    inputs["data_only"] = data_only
    beginning = {"move": "drill", "site": f"{site}-drill", "inputs": inputs, "digest": "d"}
    ended = (rto, "step-failed" if fails else "step-done", {"step": "prove", "happened": "no"})
    rows: list[Row] = [
        (0.0, "run-started", {**beginning, "about": about}),
        (0.5, "step-started", {"step": "prove", "needs": []}),
        ended,
    ]
    if not fails:
        rows.append((rto + 1, "run-finished", {"changed": [], "held": []}))
    for seq, (second, kind, facts) in enumerate(rows, 1):
        at = (began + timedelta(seconds=second)).isoformat()
        assert vault.create(name.key(seq), Event(seq, kind, at, "s", second, facts).to_json())
    return name
