"""Failover: the application lives on at another site; the primary is never asked for anything."""

from liferaft.config import Config
from liferaft.edge.holding import Notice
from liferaft.moves.actions.bucket import RestoreBucket
from liferaft.moves.actions.certificates import RestoreCertificates
from liferaft.moves.actions.database import PromoteDatabase, ReplayDatabase, RestoreDatabase
from liferaft.moves.actions.edge import RaiseEdge
from liferaft.moves.actions.epoch import ClaimEpoch
from liferaft.moves.actions.image import LoadImage
from liferaft.moves.actions.provision import Provision
from liferaft.moves.actions.release import NoteRelease
from liferaft.moves.actions.secrets import KeepSecrets
from liferaft.moves.deploy import keepers, points, reached, released, reserve_sentence, serving
from liferaft.moves.inputs import FailoverInputs
from liferaft.plan.plan import Plan
from liferaft.plan.step import Step
from liferaft.site.roster import roster

MOVE = "failover"


def plan(config: Config, inputs: FailoverInputs) -> Plan:
    """The plan of a failover."""
    site, epoch, old = inputs.site, inputs.epoch, inputs.from_epoch
    point = (inputs.point_epoch, inputs.point)
    images = tuple(part.to_json() for part in inputs.images)
    seats = roster(config)
    before_fence = (
        "restore",
        "edge",
        "secrets",
        *(f"image-{seat.name}" for seat in seats.app),
        *(f"dns-{vendor}" for vendor in config.dns.vendors),
    )
    steps = (
        Step(
            "reserve",
            reserve_sentence(config, site),
            Provision(site, epoch, servers=False),
            (),
            600,
        ),
        *points(config, site, after="reserve"),
        Step(
            "servers",
            f"Start servers at {site}",
            Provision(site, epoch, servers=True),
            ("reserve",),
            900,
        ),
        *reached(seats),
        Step(
            "certificates",
            f"Restore certificates to {seats.edge.name}",
            RestoreCertificates(*point),
            (f"equip-{seats.edge.name}",),
            60,
        ),
        Step(
            "edge",
            f"Serve {config.app.domain} at {site}: the holding page, until the application is well",
            RaiseEdge(Notice.MOVING),
            ("certificates",),
            180,
            after=f"users at {site} see the holding page until the application is well",
        ),
        *(
            Step(
                f"image-{seat.name}",
                f"Load the application's images on {seat.name}",
                LoadImage(seat.name, images),
                (f"equip-{seat.name}",),
                300,
            )
            for seat in seats.app
        ),
        Step(
            "restore",
            f"Restore the database as a standby, from recovery point {inputs.point}",
            RestoreDatabase(*point, old, epoch, inputs.timeline),
            (f"equip-{seats.database.name}",),
            3 * 3600,
        ),
        Step(
            "secrets",
            f"Keep the application's secrets under epoch {epoch}",
            KeepSecrets(epoch, old),
        ),
        Step(
            "fence",
            f"Epoch {epoch}: {site} reigns, {inputs.from_site} may not serve any more",
            ClaimEpoch(epoch, site),
            before_fence,
            60,
            point_of_no_return=True,
            after=f"{site} reigns, epoch {epoch}; {inputs.from_site} may not serve any more",
            until=f"{inputs.from_site} reigns, epoch {old}; its data is not asked for",
        ),
        Step(
            "replay",
            "Replay to the last byte that the vault holds",
            ReplayDatabase(inputs.point_epoch, old, inputs.timeline, epoch),
            ("fence",),
            3600,
        ),
        Step(
            "promote",
            "Make the standby the primary; move sequences past what may have been given out",
            PromoteDatabase(epoch),
            ("replay",),
            180,
            after=f"the database at {site} is the primary",
        ),
        *serving(config, site, epoch, after=("promote",), edge=False),
        *(
            Step(
                f"bucket-{name}",
                f"Copy bucket {name} behind, from the vault",
                RestoreBucket(name, *point, old),
                ("prove",),
                24 * 3600,
            )
            for name, data in config.data.items()
            if data.kind == "bucket"
        ),
        *keepers(config, epoch, after="prove"),
        released(config, NoteRelease(epoch, images)),
    )
    return Plan(MOVE, inputs, steps)
