"""Failover: the application lives on at another site; the primary is never asked for anything."""

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

from liferaft.config import Config
from liferaft.data import registry
from liferaft.data.kind import DataPlace, Kind, Origin
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
StepsOf = Callable[[Kind[Any], DataPlace, Origin[Any]], Iterator[Hung]]
"""What a kind of data adds to a move that brings it back."""


def plan(config: Config, inputs: FailoverInputs) -> Plan:
    """The plan of a failover."""
    site, epoch, old = inputs.site, inputs.epoch, inputs.from_epoch
    fence = Step(
        "fence",
        f"Epoch {epoch}: {site} reigns, {inputs.from_site} may not serve any more",
        ClaimEpoch(epoch, site, inputs.system),
        deadline=60,
        point_of_no_return=True,
        after=f"{site} reigns, epoch {epoch}; {inputs.from_site} may not serve any more",
        until=f"{inputs.from_site} reigns, epoch {old}; its data is not asked for",
    )
    secrets = Step(
        "secrets",
        f"Keep the application's secrets under epoch {epoch}",
        KeepSecrets(epoch, old),
    )
    hung = hanging(config, inputs, lambda kind, at, origin: kind.failover(at, origin))
    first = dataclasses.replace(fence, needs=(secrets.name,))
    return Plan(
        MOVE, inputs, (*steps(config, inputs, hung, first, raise_edge(config, site)), secrets)
    )


def steps(
    config: Config,
    inputs: FailoverInputs,
    hung: Hanging,
    fence: Step,
    edge: Step,
    *,
    ready: str = skeleton.EQUIPPED,
) -> tuple[Step, ...]:
    """Those of a failover, and of whatever is one on trial. ready: how the steps are called, with
    a server's name behind, after which that server may be worked on."""
    site, epoch = inputs.site, inputs.epoch
    reached = skeleton.reached(config, hung, fence=fence.name, equipped=ready)
    before_fence = (
        *hung.before(Milestone.FENCED),
        edge.name,
        *fence.needs,
        *skeleton.dns_steps(config),
    )
    return (
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
        *hung.steps(reached, Milestone.RESERVED, Milestone.SERVERS, Milestone.EQUIPPED),
        skeleton.edge(config, hung, edge, equipped=ready),
        *hung.steps(reached, Milestone.HOLDING),
        dataclasses.replace(fence, needs=before_fence),
        *hung.steps(reached, Milestone.FENCED, Milestone.WRITABLE),
        *skeleton.serving(config, inputs, hung, reached),
        *hung.steps(reached, Milestone.SERVING, Milestone.PROVED),
    )


def raise_edge(config: Config, site: str) -> Step:
    """The holding page, as soon as there is a server: users wait."""
    return Step(
        "edge",
        f"Serve {config.app.domain} at {site}: the holding page, until the application is well",
        RaiseEdge(Notice.MOVING),
        deadline=EDGE_SECONDS,
        after=f"users at {site} see the holding page until the application is well",
    )


def hanging(config: Config, inputs: FailoverInputs, steps_of: StepsOf) -> Hanging:
    """What the kinds of data add."""
    hung: list[Hung] = []
    for kind, name in registry.kept(config):
        origin = Origin(
            point=inputs.point,
            point_epoch=inputs.point_epoch,
            old=inputs.from_epoch,
            facts=inputs.facts.get(kind.name),
        )
        hung += steps_of(kind, DataPlace(config, inputs.site, inputs.epoch, name), origin)
    return Hanging(tuple(hung))
