"""Failover: the application lives on at another site; the primary is never asked for anything."""

from liferaft.config import Config
from liferaft.data import registry
from liferaft.data.kind import DataPlace, Origin
from liferaft.edge.holding import Notice
from liferaft.moves import skeleton
from liferaft.moves.actions.edge import EDGE_SECONDS, RaiseEdge
from liferaft.moves.actions.epoch import ClaimEpoch
from liferaft.moves.actions.provision import Provision
from liferaft.moves.actions.secrets import KeepSecrets
from liferaft.moves.inputs import FailoverInputs
from liferaft.plan.milestones import Hanging, Hung, Milestone
from liferaft.plan.plan import Plan
from liferaft.plan.step import Step

MOVE = "failover"


def plan(config: Config, inputs: FailoverInputs) -> Plan:
    """The plan of a failover."""
    site, epoch, old = inputs.site, inputs.epoch, inputs.from_epoch
    hanging = _hanging(config, inputs)
    reached = skeleton.reached(config, hanging, fence="fence")
    before_fence = (
        *hanging.before(Milestone.FENCED),
        "edge",
        "secrets",
        *skeleton.dns_steps(config),
    )
    steps = (
        Step(
            "reserve",
            skeleton.reserve_sentence(config, site),
            Provision(site, epoch, servers=False),
            deadline=600,
        ),
        *skeleton.points(config, site, after="reserve"),
        Step(
            "servers",
            f"Start servers at {site}",
            Provision(site, epoch, servers=True),
            needs=("reserve",),
            deadline=900,
        ),
        *skeleton.reach(config),
        *hanging.steps(reached, Milestone.RESERVED, Milestone.SERVERS, Milestone.EQUIPPED),
        skeleton.edge(config, hanging, _edge(config, site)),
        *hanging.steps(reached, Milestone.HOLDING),
        Step(
            "secrets",
            f"Keep the application's secrets under epoch {epoch}",
            KeepSecrets(epoch, old),
        ),
        Step(
            "fence",
            f"Epoch {epoch}: {site} reigns, {inputs.from_site} may not serve any more",
            ClaimEpoch(epoch, site, inputs.system),
            needs=before_fence,
            deadline=60,
            point_of_no_return=True,
            after=f"{site} reigns, epoch {epoch}; {inputs.from_site} may not serve any more",
            until=f"{inputs.from_site} reigns, epoch {old}; its data is not asked for",
        ),
        *hanging.steps(reached, Milestone.FENCED, Milestone.WRITABLE),
        *skeleton.serving(config, site, epoch, hanging, reached),
        *hanging.steps(reached, Milestone.SERVING, Milestone.PROVED),
    )
    return Plan(MOVE, inputs, steps)


def _edge(config: Config, site: str) -> Step:
    """The holding page, as soon as there is a server: users wait."""
    return Step(
        "edge",
        f"Serve {config.app.domain} at {site}: the holding page, until the application is well",
        RaiseEdge(Notice.MOVING),
        deadline=EDGE_SECONDS,
        after=f"users at {site} see the holding page until the application is well",
    )


def _hanging(config: Config, inputs: FailoverInputs) -> Hanging:
    """What the kinds of data add."""
    hung: list[Hung] = []
    for kind, name in registry.kept(config):
        origin = Origin(
            point=inputs.point,
            point_epoch=inputs.point_epoch,
            old=inputs.from_epoch,
            facts=inputs.facts.get(kind.name),
        )
        hung += kind.failover(DataPlace(config, inputs.site, inputs.epoch, name), origin)
    return Hanging(tuple(hung))
