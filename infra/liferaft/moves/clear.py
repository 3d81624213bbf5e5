"""Clear: a site that does not reign loses what it has from its own epoch, and is ready again."""

from liferaft.config import Config
from liferaft.moves.actions.clear import ClearSite
from liferaft.moves.actions.provision import Provision
from liferaft.moves.inputs import ClearInputs
from liferaft.moves.skeleton import reserve_sentence
from liferaft.plan.plan import Plan
from liferaft.plan.step import Step

MOVE = "clear"


def plan(config: Config, inputs: ClearInputs) -> Plan:
    """The plan of a clearing."""
    site, epoch = inputs.site, inputs.epoch
    going = (
        "Wipe the machines and give them back"
        if config.sites[site].machines
        else "Delete the servers"
    )
    bucket = " and the bucket" if config.in_buckets else ""
    steps = (
        Step(
            "clear",
            f"{going}{bucket} at {site} ({config.sites[site].cloud}): what was written there and "
            "did not reach the vault is LOST",
            ClearSite(site, epoch),
            deadline=900,
            point_of_no_return=True,
            after=f"the old servers of {site} are gone",
        ),
        Step(
            "reserve",
            reserve_sentence(config, site),
            Provision(site, epoch, servers=False),
            needs=("clear",),
            deadline=600,
        ),
    )
    return Plan(MOVE, inputs, steps)
