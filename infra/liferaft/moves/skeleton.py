"""What deploy and failover share: from servers to a service that was proved.

Which data there is, these steps do not know: kinds of data hang theirs on the milestones.
"""

import dataclasses

from liferaft.config import Config
from liferaft.moves import jobs as of_jobs
from liferaft.moves.actions.blueprint import KeepBlueprint
from liferaft.moves.actions.dns import CHANGE_SECONDS, PointName
from liferaft.moves.actions.prove import SECONDS_AROUND, ProveService
from liferaft.moves.actions.servers import INSTALL_SECONDS, EquipServer, TrustServer
from liferaft.moves.actions.workload import STEP_SECONDS, StartWorkload
from liferaft.moves.inputs import DeployInputs, FailoverInputs
from liferaft.moves.needs import packages
from liferaft.plan.milestones import Hanging, Milestone, Reached
from liferaft.plan.step import Step
from liferaft.site.roster import Roster, Seat, roster

EQUIPPED = "equip"
"""How the step is called, with the server's name behind, by which a server is equipped."""


def reached(
    config: Config,
    hanging: Hanging,
    *,
    fence: str,
    reserve: str = "reserve",
    equipped: str = EQUIPPED,
) -> Reached:
    """By which steps of these moves a milestone is reached. fence: the step that claims the epoch;
    reserve: the step after which network, address and buckets are there; equipped: how the step of
    each server is called by which it is.

    Where no data takes writes, WRITABLE is reached with the epoch.
    """
    seats = roster(config)

    def steps(milestone: Milestone, server: str) -> tuple[str, ...]:
        match milestone:
            case Milestone.EQUIPPED:
                names = [server] if server else [seat.name for seat in seats.seats]
                return tuple(f"{equipped}-{name}" for name in names)
            case Milestone.HOLDING:
                return ("edge",)
            case Milestone.WRITABLE:
                return hanging.before(milestone) or (fence,)
            case Milestone.SERVING:
                names = [server] if server else [seat.name for seat in seats.app]
                return tuple(f"workload-{name}" for name in names)
        named = {
            Milestone.RESERVED: reserve,
            Milestone.SERVERS: "servers",
            Milestone.FENCED: fence,
            Milestone.PROVED: "prove",
        }
        return (named[milestone],)

    return steps


def reserve_sentence(config: Config, site: str) -> str:
    """What a site gets before its servers; a bucket only where the app keeps one."""
    return f"Reserve network{and_bucket(config)} at {site}"


def and_bucket(config: Config) -> str:
    """The end of a list of what a site has."""
    return ", address and bucket" if config.in_buckets else " and address"


def points(config: Config, site: str, *, after: str) -> tuple[Step, ...]:
    """A step for each DNS vendor: they are asked apart, a dead one does not block another."""
    return tuple(
        Step(
            f"dns-{vendor}",
            f"Point {config.app.domain} at {site} (vendor {vendor})",
            PointName(vendor, site),
            needs=(after,),
            deadline=CHANGE_SECONDS,
            after=f"vendor {vendor} leads users of {config.app.domain} to {site}",
            until=f"vendor {vendor} leads users where it did before",
        )
        for vendor in config.dns.vendors
    )


def dns_steps(config: Config) -> tuple[str, ...]:
    """Names of the steps of `points`."""
    return tuple(f"dns-{vendor}" for vendor in config.dns.vendors)


def reach(config: Config) -> tuple[Step, ...]:
    """The steps that lead from servers which booted to ones which are trusted and equipped."""
    seats = roster(config)
    return tuple(step for seat in seats.seats for step in _reach(config, seats, seat))


def _reach(config: Config, seats: Roster, seat: Seat) -> tuple[Step, ...]:
    return (
        Step(
            f"trust-{seat.name}",
            f"Reach {seat.name} and pin a host key of its own",
            TrustServer(seat.name),
            needs=("servers",),
            deadline=180,
        ),
        Step(
            f"{EQUIPPED}-{seat.name}",
            f"Give {seat.name} its packages and its way to the vault",
            EquipServer(seat.name, packages(config, seats, seat)),
            needs=(f"trust-{seat.name}",),
            deadline=INSTALL_SECONDS + 60,
        ),
    )


def edge(config: Config, hanging: Hanging, step: Step, *, equipped: str = EQUIPPED) -> Step:
    """The step that raises the reverse proxy, with what it needs on its server."""
    server = roster(config).edge.name
    needs = (f"{equipped}-{server}", *hanging.before(Milestone.HOLDING, server), *step.needs)
    return dataclasses.replace(step, needs=needs)


def serving(
    config: Config, inputs: DeployInputs | FailoverInputs, hanging: Hanging, reached: Reached
) -> tuple[Step, ...]:
    """Jobs, workload and proof, once the data takes writes."""

    site, epoch, jobs = inputs.site, inputs.epoch, inputs.jobs

    def needs(seat: Seat) -> tuple[str, ...]:
        return *hanging.before(Milestone.SERVING, seat.name), *reached(Milestone.WRITABLE, "")

    once = tuple(of_jobs.steps(config, epoch, jobs, needs))
    workloads = tuple(
        Step(
            f"workload-{seat.name}",
            f"Start {', '.join(staying)} on {seat.name}",
            StartWorkload(seat.name, epoch),
            needs=(*needs(seat), *(step.name for step in once[-1:])),
            deadline=STEP_SECONDS,
            after=f"{', '.join(staying)} started on {seat.name} at {site}",
        )
        for seat in roster(config).app
        for staying in [of_jobs.staying(seat, jobs)]
    )
    proof = Step(
        "prove",
        f"Prove that {config.app.domain} answers well from {site}",
        ProveService(site, epoch),
        needs=(
            *(step.name for step in workloads),
            "edge",
            *dns_steps(config),
            *hanging.before(Milestone.PROVED),
        ),
        deadline=config.app.starts_within + SECONDS_AROUND,
    )
    return (*once, *workloads, proof)


def blueprint(epoch: int, *needs: str) -> Step:
    """What an operator has in a folder goes into the vaults, for one whose laptop is gone."""
    sentence = "Keep liferaft.toml, the Compose file and the program, encrypted"
    return Step("blueprint", sentence, KeepBlueprint(epoch), needs=needs)
