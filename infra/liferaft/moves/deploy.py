"""Deploy: the site as its program and liferaft.toml describe it; again, and nothing changes.

The same steps as a failover without restore, fence and take-over, so that the road to a host is
travelled every day and not only in the emergency.
"""

from liferaft.config import Config
from liferaft.edge.holding import Notice
from liferaft.moves.actions.bucket import KeepContinuously
from liferaft.moves.actions.database import ConfigureDatabase
from liferaft.moves.actions.dns import PointName
from liferaft.moves.actions.edge import RaiseEdge
from liferaft.moves.actions.epoch import ClaimEpoch
from liferaft.moves.actions.image import DeliverImage, PullImage
from liferaft.moves.actions.prove import SECONDS_AROUND, ProveService
from liferaft.moves.actions.provision import Provision
from liferaft.moves.actions.release import NoteRelease
from liferaft.moves.actions.secrets import KeepSecrets
from liferaft.moves.actions.servers import INSTALL_SECONDS, EquipServer, TrustServer
from liferaft.moves.actions.workload import STEP_SECONDS, StartWorkload
from liferaft.moves.inputs import DeployInputs
from liferaft.moves.needs import packages
from liferaft.plan.plan import Plan
from liferaft.plan.step import Step
from liferaft.site.roster import Roster, Seat, roster

MOVE = "deploy"


def plan(config: Config, inputs: DeployInputs) -> Plan:
    """The plan of a deploy. A site that does not reign is only made ready: its network, firewall,
    key, address and bucket exist, its servers do not."""
    site, epoch = inputs.site, inputs.epoch
    secrets = Step(
        "secrets",
        "Keep the application's secrets, encrypted",
        KeepSecrets(epoch, inputs.secrets_epoch),
    )
    if not inputs.reigns:
        ready = Step(
            "reserve",
            reserve_sentence(config, site),
            Provision(site, epoch, servers=False),
            ("secrets",),
            600,
        )
        return Plan(MOVE, inputs, (secrets, ready))
    steps = (
        secrets,
        Step(
            "epoch",
            _reign(inputs),
            ClaimEpoch(epoch, site),
            ("secrets",),
            after=f"{site} reigns, epoch {epoch}",
        ),
        Step(
            "servers",
            f"Bring up network, servers{_and_bucket(config)} at {site}",
            Provision(site, epoch, servers=True),
            ("epoch",),
            900,
        ),
        *points(config, site),
        *reached(roster(config)),
        Step(
            "database",
            "Set up PostgreSQL and its archive in the vault",
            ConfigureDatabase(epoch),
            (f"equip-{roster(config).database.name}",),
            300,
        ),
        *keepers(config, epoch, after="database"),
        *images(config, epoch),
        *serving(config, site, epoch, after=("database",)),
        released(config, NoteRelease(epoch)),
    )
    return Plan(MOVE, inputs, steps)


def reserve_sentence(config: Config, site: str) -> str:
    """What a site gets before its servers; a bucket only where the app keeps one."""
    return f"Reserve network{_and_bucket(config)} at {site}"


def _and_bucket(config: Config) -> str:
    return ", address and bucket" if config.data_of_kind("bucket") else " and address"


def _reign(inputs: DeployInputs) -> str:
    sentence = f"Epoch {inputs.epoch}: {inputs.site} reigns"
    if inputs.from_epoch is None:
        return sentence
    old = inputs.from_epoch
    return f"{sentence}, with an EMPTY database; what epoch {old} kept stays in the vault"


def points(config: Config, site: str, after: str = "servers") -> tuple[Step, ...]:
    """A step for each DNS vendor: they are asked apart, a dead one does not block another."""
    return tuple(
        Step(
            f"dns-{vendor}",
            f"Point {config.app.domain} at {site} (vendor {vendor})",
            PointName(vendor, site),
            (after,),
            60,
            after=f"vendor {vendor} leads users of {config.app.domain} to {site}",
            until=f"vendor {vendor} leads users where it did before",
        )
        for vendor in config.dns.vendors
    )


def reached(seats: Roster) -> tuple[Step, ...]:
    """From servers that booted to ones that are trusted and equipped."""
    return tuple(step for seat in seats.seats for step in _reached(seats, seat))


def _reached(seats: Roster, seat: Seat) -> tuple[Step, ...]:
    return (
        Step(
            f"trust-{seat.name}",
            f"Reach {seat.name} and pin a host key of its own",
            TrustServer(seat.name),
            ("servers",),
            180,
        ),
        Step(
            f"equip-{seat.name}",
            f"Give {seat.name} its packages and its way to the vault",
            EquipServer(seat.name, packages(seats, seat)),
            (f"trust-{seat.name}",),
            INSTALL_SECONDS + 60,
        ),
    )


def keepers(config: Config, epoch: int, *, after: str) -> tuple[Step, ...]:
    """For each bucket what keeps it in the vault. `after`: the step from which this site reigns."""
    return tuple(
        Step(
            f"keeper-{name}",
            f"Keep bucket {name} in the vault continuously",
            KeepContinuously(name, epoch),
            (after,),
            120,
        )
        for name, data in config.data.items()
        if data.kind == "bucket"
    )


def images(config: Config, epoch: int) -> tuple[Step, ...]:
    """The application's images: into the vault through the first server, from there to others."""
    first, *others = roster(config).app
    deliver = Step(
        f"image-{first.name}",
        f"Bring the application's images to the vault and to {first.name}",
        DeliverImage(first.name, epoch),
        (f"equip-{first.name}",),
        300,
    )
    return (
        deliver,
        *(
            Step(
                f"image-{seat.name}",
                f"Load the application's images on {seat.name}",
                PullImage(seat.name, epoch),
                (f"equip-{seat.name}", deliver.name),
                300,
            )
            for seat in others
        ),
    )


def released(config: Config, action: NoteRelease) -> Step:
    """Once every server has started the workload."""
    return Step(
        "release",
        "Note in the vault what runs: a failover starts the same",
        action,
        tuple(f"workload-{seat.name}" for seat in roster(config).app),
        120,
    )


def serving(
    config: Config, site: str, epoch: int, *, after: tuple[str, ...], edge: bool = True
) -> tuple[Step, ...]:
    """Edge, workload, proof. `after`: what the application must not start before."""
    seats = roster(config)
    names = tuple(f"dns-{vendor}" for vendor in config.dns.vendors)
    front = Step(
        "edge",
        f"Serve {config.app.domain} at {site} with TLS",
        RaiseEdge(Notice.STARTING),
        (f"equip-{seats.edge.name}", *names),
        180,
    )
    workloads = tuple(
        Step(
            f"workload-{seat.name}",
            f"Start {', '.join(seat.services)} on {seat.name}",
            StartWorkload(seat.name, epoch),
            (f"image-{seat.name}", *after),
            STEP_SECONDS,
            after=f"{', '.join(seat.services)} started on {seat.name} at {site}",
        )
        for seat in seats.app
    )
    proof = Step(
        "prove",
        f"Prove that {config.app.domain} answers well from {site}",
        ProveService(site, epoch),
        (*(step.name for step in workloads), "edge", *names),
        config.app.starts_within + SECONDS_AROUND,
    )
    return ((front,) if edge else ()) + workloads + (proof,)
