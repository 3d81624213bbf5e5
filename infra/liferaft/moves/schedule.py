"""Schedule: servers of the site that reigns take recovery points by themselves, or take none.

A deploy and a failover do the same where liferaft.toml asks for it; this is for a change of it.
"""

from liferaft.config import Config
from liferaft.data import registry
from liferaft.data.kind import DataPlace
from liferaft.moves.inputs import ScheduleInputs
from liferaft.plan.plan import Plan

MOVE = "schedule"


def plan(config: Config, inputs: ScheduleInputs) -> Plan:
    """The plan of it: a step of each kind of data that has something to schedule."""
    steps = (
        step
        for kind, name in registry.kept(config)
        for step in kind.schedule(DataPlace(config, inputs.site, inputs.epoch, name))
    )
    return Plan(MOVE, inputs, tuple(steps))
