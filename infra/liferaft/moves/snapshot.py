"""Snapshot: a recovery point in the vault, named by one manifest that is written last."""

from liferaft.config import Config
from liferaft.data import registry
from liferaft.data.kind import DataPlace
from liferaft.moves import skeleton
from liferaft.moves.actions.point import PublishPoint
from liferaft.moves.actions.secrets import KeepSecrets
from liferaft.moves.actions.state import KeepState
from liferaft.moves.inputs import SnapshotInputs
from liferaft.plan.plan import Plan
from liferaft.plan.step import Step

MOVE = "snapshot"


def plan(config: Config, inputs: SnapshotInputs) -> Plan:
    """The plan of a snapshot."""
    site, epoch, point = inputs.site, inputs.epoch, inputs.point
    parts = (
        *(
            step
            for kind, name in registry.kept(config)
            for step in kind.snapshot(DataPlace(config, site, epoch, name), point)
        ),
        Step("secrets", "Keep the application's secrets", KeepSecrets(epoch, epoch)),
        skeleton.blueprint(epoch),
        Step("state", "Keep the engine's state", KeepState(site, epoch, point)),
    )
    publish = Step(
        "publish",
        f"Write the manifest: recovery point {point} counts",
        PublishPoint(site, epoch, point),
        needs=tuple(step.name for step in parts),
    )
    return Plan(MOVE, inputs, (*parts, publish))
