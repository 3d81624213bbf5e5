"""Destroy: everything that the site's state knows is deleted, dependents first.

The name leaves the site's address before: given away, it would be whoever's the name leads to.
"""

from liferaft.config import Config
from liferaft.moves.actions.destroy import DestroySite
from liferaft.moves.actions.leave import (
    LEAVE_SECONDS,
    OUTLAST_SECONDS,
    LeaveAddress,
    OutlastAddress,
)
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
        needs=("outlast",),
        deadline=900,
        point_of_no_return=True,
        until=f"{site} stands, with its address",
    )
    return Plan(MOVE, inputs, (*_leave(config, inputs), step))


def _leave(config: Config, inputs: DestroyInputs) -> tuple[Step, ...]:
    site, domain = inputs.site, config.app.domain
    where = f"leads users to {inputs.instead}" if inputs.instead else "leads nobody anywhere"
    leaving = tuple(
        Step(
            f"leave-{vendor}",
            (
                f"Point {domain} at {inputs.instead} where it still points to {site}"
                if inputs.instead
                else f"Take out {domain} where it points to {site}"
            )
            + f" (vendor {vendor})",
            LeaveAddress(vendor, site, inputs.instead),
            deadline=LEAVE_SECONDS,
            after=f"vendor {vendor} {where}, if it led them to {site}",
            until=f"vendor {vendor} leads users where it did before",
        )
        for vendor in config.dns.vendors
    )
    outlast = Step(
        "outlast",
        f"Wait until no resolver leads users to the address of {site} any more",
        OutlastAddress(site),
        needs=tuple(step.name for step in leaving),
        deadline=OUTLAST_SECONDS,
    )
    return (*leaving, outlast)
