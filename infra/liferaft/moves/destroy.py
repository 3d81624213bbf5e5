"""Destroy: everything that the site's state knows is deleted, dependents first."""

from liferaft.config import Config
from liferaft.moves.actions.destroy import DestroySite
from liferaft.moves.inputs import DestroyInputs
from liferaft.plan.plan import Plan
from liferaft.plan.step import Step

MOVE = "destroy"


def plan(config: Config, inputs: DestroyInputs) -> Plan:
    """The plan of a destroy."""
    site = inputs.site
    cloud = config.sites[site].cloud
    alive = ": the application runs there now" if inputs.reigns else ""
    going = (
        "Wipe the machines and give them back, and delete the bucket,"
        if config.sites[site].machines
        else "Delete servers, bucket, address and network"
    )
    step = Step(
        "destroy",
        f"{going} at {site} ({cloud}){alive}",
        DestroySite(site, inputs.epoch, inputs.reigns),
        deadline=900,
        point_of_no_return=True,
    )
    return Plan(MOVE, inputs, (step,))
