"""Deploy: the site as its program and liferaft.toml describe it; again, and nothing changes.

The same steps as a failover without restore, fence and take-over, so that the road to a host is
travelled every day and not only in the emergency.
"""

from collections.abc import Iterator
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
from liferaft.moves.inputs import DeployInputs
from liferaft.plan.milestones import Hanging, Hung, Milestone
from liferaft.plan.plan import Plan
from liferaft.plan.step import Step

MOVE = "deploy"
BEFORE_THE_EDGE = (Milestone.FENCED, Milestone.RESERVED, Milestone.SERVERS, Milestone.EQUIPPED)
"""In the order in which a deploy reaches them."""


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
            skeleton.reserve_sentence(config, site),
            Provision(site, epoch, servers=False),
            needs=("secrets",),
            deadline=600,
        )
        return Plan(MOVE, inputs, (secrets, ready))
    hanging = Hanging(
        tuple(
            hung
            for kind, name in registry.kept(config)
            for hung in _hung(kind, DataPlace(config, site, epoch, name), inputs)
        )
    )
    reached = skeleton.reached(config, hanging, fence="epoch", reserve="servers")
    steps = (
        secrets,
        Step(
            "epoch",
            _sentence(inputs),
            ClaimEpoch(epoch, site, inputs.system),
            needs=("secrets",),
            after=f"{site} reigns, epoch {epoch}",
        ),
        Step(
            "servers",
            f"Bring up network, servers{skeleton.and_bucket(config)} at {site}",
            Provision(site, epoch, servers=True),
            needs=("epoch",),
            deadline=900,
        ),
        *skeleton.points(config, site, after="servers"),
        *skeleton.reach(config),
        *hanging.steps(reached, *BEFORE_THE_EDGE),
        skeleton.edge(config, hanging, _edge(config, site)),
        *hanging.steps(reached, Milestone.HOLDING, Milestone.WRITABLE),
        *skeleton.serving(config, inputs, hanging, reached),
        *hanging.steps(reached, Milestone.SERVING, Milestone.PROVED),
        skeleton.blueprint(epoch, "prove"),
    )
    return Plan(MOVE, inputs, steps)


def _hung(kind: Kind[Any], at: DataPlace, inputs: DeployInputs) -> Iterator[Hung]:
    yield from kind.deploy(at)
    if inputs.point is not None and inputs.point_epoch is not None:
        old = inputs.epoch if inputs.from_epoch is None else inputs.from_epoch
        yield from kind.bring_back(at, Origin(inputs.point, inputs.point_epoch, old, None))


def _edge(config: Config, site: str) -> Step:
    """Users are led here first: the certificate authority asks by the name."""
    return Step(
        "edge",
        f"Serve {config.app.domain} at {site} with TLS",
        RaiseEdge(Notice.STARTING),
        needs=skeleton.dns_steps(config),
        deadline=EDGE_SECONDS,
    )


def _sentence(inputs: DeployInputs) -> str:
    sentence = f"Epoch {inputs.epoch}: {inputs.site} reigns"
    if inputs.from_epoch is None:
        return sentence
    old = inputs.from_epoch
    return f"{sentence}, with an EMPTY database; what epoch {old} kept stays in the vault"
