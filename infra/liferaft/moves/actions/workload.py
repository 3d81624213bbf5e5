"""The application's containers on a server."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from liferaft.compose import across, application, secret_values
from liferaft.compose.application import Compose
from liferaft.compose.replaced import reaching
from liferaft.config import Config
from liferaft.config.jobs import JobConfig
from liferaft.data import placeholders, registry
from liferaft.data.kind import Undo
from liferaft.edge.caddyfile import sign
from liferaft.edge.holding import Notice
from liferaft.failures import Failure
from liferaft.hosts import running
from liferaft.hosts.workload import Workload
from liferaft.plan.telling import tell_meanwhile
from liferaft.site import own_secrets, scheduling, stations
from liferaft.site.epochs import require_epoch
from liferaft.site.world import World

START_SECONDS = 120.0
"""How long containers may take until they stay up."""
STEP_SECONDS = 600.0
"""Seconds for the stop of what runs, for the start, and for the way back to what ran."""
_WENT_BACK = (running.WorkloadNotRunning, running.ContainerMissing, running.ImageMissing)
"""The server has said that it runs what it ran before, or nothing."""
OfData = Mapping[str, Mapping[str, str]]
"""By data set how the application reaches it: variables and their values."""
_ALWAYS = frozenset({"LIFERAFT_SITE", "LIFERAFT_EPOCH", "APP_SECRET_KEY"})


def delivered(config: Config) -> frozenset[str]:
    """Names of the variables that this app is given: the Compose file's would count."""
    kinds = registry.kinds_of(config)
    return _ALWAYS.union(*(kind.variable_names(config) for kind in kinds))


@dataclass(frozen=True)
class StartWorkload:
    """The server runs its services of the Compose file, told where its data is."""

    server: str
    epoch: int

    async def holds(self, world: World) -> bool:
        host, wanted = await world.servers.host(self.server), await self._workload(world)
        return (
            await running.is_installed(host, wanted)
            and await running.is_running(host, wanted.compose.services)
            and await _is_admitted(world)
        )

    async def apply(self, world: World) -> Mapping[str, Any]:
        await require_epoch(world, self.epoch, world.site.name)
        host, wanted = await world.servers.host(self.server), await self._workload(world)

        async def seen() -> str:
            states = await running.states(host)
            return ", ".join(f"{name} is {state}" for name, state in states.items()) or "not yet"

        async with tell_meanwhile(seen), _admitted(world):
            await running.bring_up(host, wanted, seconds=START_SECONDS, sign=sign(Notice.STARTING))
        return {}

    async def prove(self, world: World) -> None:
        """Running is not well: `prove` of the whole service asks it from outside."""

    async def _workload(self, world: World) -> Workload:
        """Without the services that end: those are run before it."""
        of_data = await self._of_data(world)
        here, own = await self._here(world, of_data)
        server, config = self.server, world.site.config
        scheduled = self._scheduled(scheduling.on_server(config, server))
        return Workload(
            application.staying(here),
            await self._variables(world, of_data),
            scheduling.services(scheduled, here),
            {name: int(job.within.total_seconds()) for name, job in scheduled.items()},
            own,
        )

    def _scheduled(self, jobs: Mapping[str, JobConfig]) -> Mapping[str, JobConfig]:
        """Which jobs of a schedule can be run there."""
        return jobs

    async def _here(self, world: World, of_data: OfData) -> tuple[Compose, Mapping[str, str]]:
        """What of the Compose file this server runs, jobs and all; and which of the application's
        secrets stand in it."""
        seat = next(one for one in world.site.roster.seats if one.name == self.server)
        config = world.site.config
        whole = self._described(application.described(config), config.secrets)
        there = stations.standing(world.site.roster, await world.site.outputs())
        whole = across.on_station(whole, there[seat.name], tuple(there.values()))
        values = placeholders.values(config, world.site.name, self.epoch, of_data)
        here = application.filled_in(application.only(whole, seat.services), values)
        # Last of all: nothing that stands in a secret is filled in.
        own = await own_secrets.told(world.site, here)
        here = secret_values.with_values(here, own)
        reached = reaching(here.services, await self._addresses(world))
        return replace(here, services=reached), own

    def _described(self, whole: Compose, secrets: Collection[str]) -> Compose:
        """What is run of the Compose file. secrets: names of the application's own."""
        return whole

    async def _of_data(self, world: World) -> OfData:
        """By data set how the application reaches it."""
        kept = registry.kept(world.site.config)
        return {name: await kind.variables(world, name) for kind, name in kept}

    async def _addresses(self, world: World) -> Mapping[str, str]:
        """Where services find what stands in place of one of the file, by name."""
        found: dict[str, str] = {}
        for kind, name in registry.kept(world.site.config):
            found |= await kind.addresses(world, name)
        return found

    async def _variables(self, world: World, of_data: OfData) -> Mapping[str, str]:
        """The documented variables by which an application learns where it is."""
        secrets = await world.site.secrets()
        variables = {
            "LIFERAFT_SITE": world.site.name,
            "LIFERAFT_EPOCH": str(self.epoch),
            "APP_SECRET_KEY": secrets.app_secret_key.get_secret_value(),
        }
        for told in of_data.values():
            variables |= told
        return variables


async def _is_admitted(world: World) -> bool:
    for kind, name in registry.kept(world.site.config):
        if not await kind.admits(world, name):
            return False
    return True


@asynccontextmanager
async def _admitted(world: World) -> AsyncIterator[None]:
    """The application is let in with what it is about to be told. Where it does not come up with
    that on the only server that it has, it is let in as before: so it runs again there."""
    undone = await _admit(world)
    try:
        yield
    except _WENT_BACK:
        for undo in undone if len(world.site.roster.app) == 1 else ():
            await undo()
        raise


@asynccontextmanager
async def admitted_meanwhile(world: World, *failures: type[Failure]) -> AsyncIterator[None]:
    """The application is let in with what it is about to be told, and afterwards as before: what
    was told that runs on. failures: by which it is known that nothing goes on which was told
    otherwise; after any other nothing is undone."""
    undone = await _admit(world)
    try:
        yield
    except failures:
        for undo in undone:
            await undo()
        raise
    for undo in undone:
        await undo()


async def _admit(world: World) -> Sequence[Undo]:
    return [
        undo
        for kind, name in registry.kept(world.site.config)
        if (undo := await kind.admit(world, name)) is not None
    ]
