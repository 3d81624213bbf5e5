"""Snapshot: a recovery point in the vault, named by one manifest that is written last."""

from liferaft.config import Config
from liferaft.moves.actions.bucket import KeepBucket
from liferaft.moves.actions.certificates import KeepCertificates
from liferaft.moves.actions.database import BackUpDatabase
from liferaft.moves.actions.image import KeepImages
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
        Step(
            "database",
            "Back up the database; its archive goes on from there",
            BackUpDatabase(epoch, point),
            deadline=6 * 3600,
        ),
        *(
            Step(
                f"bucket-{name}",
                f"Copy what is new in bucket {name}",
                KeepBucket(name, epoch, point),
                deadline=6 * 3600,
            )
            for name, data in config.data.items()
            if data.kind == "bucket"
        ),
        Step("certificates", "Keep the certificates", KeepCertificates(epoch, point)),
        Step("images", "Keep the application's images", KeepImages(epoch, point), deadline=600),
        Step("secrets", "Keep the application's secrets", KeepSecrets(epoch, epoch)),
        Step("state", "Keep the engine's state", KeepState(site, epoch, point)),
    )
    publish = Step(
        "publish",
        f"Write the manifest: recovery point {point} counts",
        PublishPoint(site, epoch, point),
        tuple(step.name for step in parts),
    )
    return Plan(MOVE, inputs, (*parts, publish))
