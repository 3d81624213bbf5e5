"""Jobs of a release: services of the Compose file that end, run before any server starts it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from liferaft.compose import application
from liferaft.compose.application import Compose
from liferaft.compose.secret_marks import told_in_secret
from liferaft.hosts import once
from liferaft.hosts.once import JobFailed
from liferaft.hosts.running import ImageMissing
from liferaft.hosts.workload import Workload
from liferaft.moves.actions.workload import StartWorkload, admitted_meanwhile
from liferaft.plan.telling import tell_meanwhile
from liferaft.remote.acts import HostActFailed
from liferaft.site.epochs import require_epoch
from liferaft.site.world import World

STEP_SECONDS: Final = 600.0
"""Beside what jobs themselves may take."""


@dataclass(frozen=True)
class RunJobsOnce(StartWorkload):
    """The jobs have ended well for this release, on one server. within: seconds that one may take.
    `instead`: what services are told in place of what the Compose file says."""

    jobs: tuple[str, ...] = ()
    within: int = 0
    instead: Mapping[str, str] = field(default_factory=dict)

    async def holds(self, world: World) -> bool:
        host, wanted = await world.servers.host(self.server), await self._workload(world)
        return await once.has_ended_well(host, wanted)

    async def apply(self, world: World) -> Mapping[str, Any]:
        await require_epoch(world, self.epoch, world.site.name)
        host, wanted = await world.servers.host(self.server), await self._workload(world)

        def seen() -> str:
            return f"{', '.join(self.jobs)}: not at an end yet"

        async with tell_meanwhile(seen), admitted_meanwhile(world, JobFailed, ImageMissing):
            await once.run_once(host, wanted, seconds=self.within)
        return {"ran": list(self.jobs)}

    async def prove(self, world: World) -> None:
        """By what the server noted of each job once it had ended."""
        if not await self.holds(world):
            raise HostActFailed(
                f"{', '.join(self.jobs)} on {self.server}: the server has not noted that it ended",
                do="Run the same command again.",
            )

    async def _workload(self, world: World) -> Workload:
        of_data = await self._of_data(world)
        here, own = await self._here(world, of_data)
        return Workload(
            application.staying(here),
            await self._variables(world, of_data),
            application.only(here, self.jobs),
            secrets=own,
        )

    def _described(self, whole: Compose, secrets: Collection[str]) -> Compose:
        return application.told_instead(whole, told_in_secret(self.instead, secrets))
