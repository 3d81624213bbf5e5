"""A drill of the data alone: restored and proven on one server, without the application.

Its plan is that of a drill without the steps that are for the application; who waited for one of
these waits for what that one waited for.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from liferaft.config import Config
from liferaft.data import registry
from liferaft.hosts.isolation.units import PACKAGES
from liferaft.moves.actions.drill import AskOnTrial, RequireCertificate
from liferaft.moves.actions.edge import RaiseEdge
from liferaft.moves.actions.prove import ProveService
from liferaft.moves.actions.servers import EquipServer
from liferaft.moves.actions.workload import StartWorkload
from liferaft.moves.needs import EVERYWHERE
from liferaft.plan.step import Step
from liferaft.site.roster import roster

_OF_THE_APP: Final = (AskOnTrial, ProveService, RaiseEdge, RequireCertificate, StartWorkload)
"""Actions of the steps that are left out."""


def one_server(config: Config) -> Config:
    """The configuration with the database's server alone, which stands at the address in place of
    the application's. Pure."""
    seats = roster(config)
    group = seats.database.group
    server = config.servers[group]
    if not seats.database.services:
        # A site has a server that faces users: its service is never started here.
        server = server.model_copy(update={"runs": (*server.runs, seats.edge.services[0])})
    return config.model_copy(update={"servers": {group: server}})


def data_alone(config: Config, steps: Sequence[Step]) -> tuple[Step, ...]:
    """Those of a drill's steps that are for its data. config: as `one_server` makes it. Pure."""
    by_name = {step.name: step for step in steps}
    dropped = {step.name for step in steps if isinstance(step.action, _OF_THE_APP)}
    return tuple(
        replace(
            _for_data(config, step),
            needs=tuple(dict.fromkeys(_needs(step, by_name, dropped))),
        )
        for step in steps
        if step.name not in dropped
    )


def _needs(step: Step, by_name: Mapping[str, Step], dropped: set[str]) -> Iterator[str]:
    for need in step.needs:
        if need in dropped:
            yield from _needs(by_name[need], by_name, dropped)
        elif need in by_name:  # else of a kind that is not in this drill
            yield need


def _for_data(config: Config, step: Step) -> Step:
    """A server is given the packages that its data needs."""
    if not isinstance(step.action, EquipServer):
        return step
    seats = roster(config)
    (seat,) = (one for one in seats.seats if one.name == step.action.server)
    kinds = {registry.kind(declared.kind) for declared in config.data.values()}
    wanted = {name for kind in kinds for name in kind.packages(seats, seat)}
    packages = tuple(sorted({*EVERYWHERE, *PACKAGES, *wanted}))
    return replace(step, action=replace(step.action, packages=packages))
