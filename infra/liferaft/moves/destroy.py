"""Destroy: everything that the site's state knows is deleted, dependents first."""

from collections.abc import Mapping
from typing import Any

from liferaft.config import Config
from liferaft.moves.actions.destroy import DestroySite
from liferaft.moves.plan import Plan
from liferaft.moves.step import Step

MOVE = "destroy"


def plan(config: Config, inputs: Mapping[str, Any]) -> Plan:
    """The plan of a destroy. inputs: `site`, `epoch` (the current one; it does not change)."""
    site = inputs["site"]
    step = Step(
        "destroy",
        f"Delete servers, bucket, address and network at {site} ({config.sites[site].cloud})",
        DestroySite(site, inputs["epoch"]),
        deadline=900,
        point_of_no_return=True,
    )
    return Plan(MOVE, site, inputs["epoch"], (step,), inputs)
