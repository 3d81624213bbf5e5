"""A drill: the whole failover, into isolation, under other names; then all of it is deleted.

The plan is that of the failover to a site that stands beside the standby. No DNS vendor is in it,
the epoch is taken where nobody else sees it, and what data comes back is a copy that never reigns.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from liferaft.config import Config
from liferaft.data.kind import DataPlace, Kind, Origin
from liferaft.hosts.isolation.units import PACKAGES
from liferaft.moves import failover, skeleton
from liferaft.moves.actions.destroy import DestroySite
from liferaft.moves.actions.drill import AskOnTrial, RequireCertificate, StartOnTrial
from liferaft.moves.actions.drill_check import AROUND_SECONDS, check_on_trial
from liferaft.moves.actions.epoch import ClaimEpoch
from liferaft.moves.actions.isolate import SECONDS, IsolateServer, ListDenied, callee
from liferaft.moves.actions.once import RunJobsOnce
from liferaft.moves.actions.servers import EquipServer
from liferaft.moves.actions.workload import StartWorkload
from liferaft.moves.data_drill import data_alone
from liferaft.moves.inputs import FailoverInputs
from liferaft.moves.missing import MIRROR, NONE_MISSING, MissingVendors
from liferaft.plan.milestones import Hung
from liferaft.plan.plan import Plan
from liferaft.plan.step import Step
from liferaft.site.roster import roster

MOVE = "drill"
TEARDOWN = "drill-teardown"
RESERVE = "reserve"
"""The step of a failover by which the first thing is made."""
TEARDOWN_SECONDS = 900.0
PROOF = "prove"
"""The step of a failover that asks the application as users do."""
ISOLATED = "isolate"
"""How the step is called, with the server's name behind, by which a server is shut."""


@dataclass(frozen=True, kw_only=True)
class DrillInputs(FailoverInputs):
    """`site` is where it plays; `standby` the site of liferaft.toml that is tried by it."""

    standby: str
    forbidden: tuple[str, ...] = ()
    """Addresses of the site that reigns: the drill's servers must not reach them."""
    data_only: bool = False
    """Whether it tries the data alone, on one server."""
    denied: tuple[str, ...] = ()
    """Vendors that it is played without, by their names."""
    seed: int | None = None
    """By which one of them was picked."""
    denied_vaults: tuple[str, ...] = ()
    denied_hosts: tuple[str, ...] = ()
    """Names and addresses that the drill's own command must not reach."""
    called: tuple[str, ...] = ()
    """Whom servers call besides, to be turned away: `objects.example:443`."""


def plan(config: Config, inputs: DrillInputs) -> Plan:
    """The plan of a drill. config: as `trial_config` makes it of the application's."""
    site, epoch = inputs.site, inputs.epoch
    certificate = Step(
        "certificate",
        f"Find the certificate for {config.app.domain} that was restored, valid",
        RequireCertificate(),
        needs=("certificates",),
    )
    edge = _after(failover.raise_edge(config, site), certificate)
    fence = Step(
        "fence",
        f"Take epoch {epoch} for this drill alone: {inputs.from_site} reigns on",
        ClaimEpoch(epoch, site, inputs.system),
        deadline=60,
    )
    hung = failover.hanging(config, inputs, _added(config, data_only=inputs.data_only))
    ready = skeleton.EQUIPPED if MIRROR in inputs.denied else ISOLATED
    steps = failover.steps(config, inputs, hung, fence, edge, ready=ready)
    first = Step(
        "clean",
        f"Delete what an earlier drill may have left of {site}",
        DestroySite(site, epoch, reigns=False),
        deadline=TEARDOWN_SECONDS,
    )
    played = (
        first,
        *(_on_trial(config, inputs, step, first) for step in steps),
        certificate,
        *_isolated(config, inputs),
        *_asked(config, epoch),
    )
    if inputs.data_only:
        played = data_alone(config, played)
    return Plan(MOVE, inputs, (*played, _listed(config, inputs, played)))


def _added(config: Config, *, data_only: bool) -> failover.StepsOf:
    """What a kind of data adds; of the data alone those do that the configuration declares."""

    def steps(kind: Kind[Any], at: DataPlace, origin: Origin[Any]) -> Iterator[Hung]:
        if not data_only or at.name in config.data:
            yield from kind.drill(at, origin)

    return steps


def proven_by(plan: Plan, inputs: DrillInputs) -> tuple[str, ...]:
    """Steps after which it is known that what is tried is back and takes writes."""
    if not inputs.data_only:
        return (PROOF,)
    return tuple(one.name for one in plan.steps if one.name.startswith("write-"))


def _isolated(config: Config, inputs: DrillInputs) -> Iterator[Step]:
    """Before anything is restored: what brings data back does without the world, too. Before
    anything is installed, where packages are to come from nowhere."""
    allow = tuple(one for one in config.drill.allow if not _is_denied(inputs, one))
    after = "trust" if MIRROR in inputs.denied else skeleton.EQUIPPED
    for seat in roster(config).seats:
        action = IsolateServer(
            seat.name,
            allow,
            tuple(inputs.forbidden),
            tuple(inputs.denied_vaults),
            tuple(inputs.called),
        )
        yield Step(
            f"{ISOLATED}-{seat.name}",
            f"Shut {seat.name}: it calls nobody but {', '.join((_vaults(inputs), *allow))}",
            action,
            needs=(f"{after}-{seat.name}",),
            deadline=SECONDS,
        )


def _vaults(inputs: DrillInputs) -> str:
    gone = " and ".join(inputs.denied_vaults)
    return f"the vaults without {gone}" if gone else "the vaults"


def _is_denied(inputs: DrillInputs, allowed: str) -> bool:
    """Whom [drill] lets servers call is not let where its vendor is gone."""
    name, gone = callee(allowed).name, [callee(one).name for one in inputs.called]
    return name in gone or any(f".{name}".endswith(f".{one}") for one in inputs.denied_hosts)


def _asked(config: Config, epoch: int) -> Iterator[Step]:
    """What the application says of its own work."""
    asked = config.drill.check
    if isinstance(asked, str):
        yield Step("check", f"Ask {asked} at the drill", AskOnTrial(asked), needs=("prove",))
    elif asked is not None:
        yield Step(
            "check",
            f"Run the check in the container of {asked.service}, {asked.within} s at most",
            check_on_trial(config, epoch, asked),
            needs=("prove",),
            deadline=asked.within + AROUND_SECONDS,
        )


def afterword(config: Config, inputs: DrillInputs) -> Plan:
    """Of a drill that failed: what it was denied is perhaps why."""
    return Plan(MOVE, inputs, (_listed(config, inputs, ()),))


def _listed(config: Config, inputs: DrillInputs, played: Sequence[Step]) -> Step:
    """Once all else is through: the application had time to call whom it calls."""
    servers = tuple(seat.name for seat in roster(config).seats)
    return Step(
        "denied",
        "List what was asked for outside and denied",
        ListDenied(servers, tuple(dict.fromkeys(callee(one).name for one in inputs.called))),
        needs=_last(played),
        deadline=180,
    )


def inputs_for(
    found: FailoverInputs,
    standby: str,
    forbidden: tuple[str, ...] = (),
    *,
    data_only: bool = False,
    missing: MissingVendors = NONE_MISSING,
    seed: int | None = None,
) -> DrillInputs:
    """The same facts, for a drill of this standby, or of its data alone, that is played without
    these vendors."""
    told = {field.name: getattr(found, field.name) for field in fields(found)}
    return DrillInputs(
        **told,
        standby=standby,
        forbidden=forbidden,
        data_only=data_only,
        denied=missing.names,
        seed=seed,
        denied_vaults=missing.vaults,
        denied_hosts=missing.hosts,
        called=tuple(map(str, missing.called)),
    )


def teardown(inputs: DrillInputs) -> Plan:
    """What follows, whatever became of the drill."""
    step = Step(
        "teardown",
        f"Delete everything of {inputs.site}, whatever came of it",
        DestroySite(inputs.site, inputs.epoch, reigns=False),
        deadline=TEARDOWN_SECONDS,
    )
    return Plan(TEARDOWN, inputs, (step,))


def whole(plan: Plan, after: Plan) -> Plan:
    """Both as one, to be shown: what follows does so once nothing of the drill goes on."""
    last = _last(plan.steps)
    return replace(plan, steps=(*plan.steps, *(replace(one, needs=last) for one in after.steps)))


def _last(steps: Sequence[Step]) -> tuple[str, ...]:
    needed = {need for step in steps for need in step.needs}
    return tuple(step.name for step in steps if step.name not in needed)


def _on_trial(config: Config, inputs: DrillInputs, step: Step, first: Step) -> Step:
    """What starts the workload starts what a drill runs of it; packages that shut a server are
    there before it is shut; what is made is made once nothing of an earlier drill is there."""
    if step.name == RESERVE:
        return _after(step, first)
    if isinstance(step.action, EquipServer) and MIRROR in inputs.denied:
        return replace(step, needs=(f"{ISOLATED}-{step.action.server}",))
    if isinstance(step.action, EquipServer):
        wanted = tuple(sorted({*step.action.packages, *PACKAGES}))
        return replace(step, action=replace(step.action, packages=wanted))
    if not isinstance(step.action, StartWorkload):
        return step
    told, usual = config.drill, step.action
    if isinstance(usual, RunJobsOnce):
        return replace(step, action=replace(usual, instead=told.environment))
    action = StartOnTrial(usual.server, usual.epoch, run=told.run, instead=told.environment)
    sentence = f"Start on {usual.server} what faces users, and what that needs"
    return replace(step, action=action, sentence=sentence, after="")


def _after(step: Step, *others: Step) -> Step:
    return replace(step, needs=(*step.needs, *(one.name for one in others)))
