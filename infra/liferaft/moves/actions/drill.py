"""What a drill does that no failover does."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from liferaft.compose import application
from liferaft.compose.application import Compose
from liferaft.compose.secret_marks import told_in_secret
from liferaft.config.jobs import JobConfig
from liferaft.dns import departures
from liferaft.edge import certificates
from liferaft.failures import Own, Unproven
from liferaft.moves.actions import prove
from liferaft.moves.actions.workload import StartWorkload
from liferaft.moves.front import front
from liferaft.site.world import World


class NoValidCertificate(Unproven):
    """None came back that holds for the domain."""


@dataclass(frozen=True)
class RequireCertificate:
    """The certificate that came back holds for the domain: in a failover none has to be ordered
    while users wait, and a drill orders none."""

    async def holds(self, world: World) -> bool:
        """Never said from here: `apply` looks, and that is all there is to do."""
        return False

    async def apply(self, world: World) -> Mapping[str, Any]:
        host, there = await world.servers.host(world.site.roster.edge.name), await front(world)
        if await certificates.has_valid_certificate(host, there, at=departures.now()):
            return {"unchanged": True}
        raise NoValidCertificate(
            f"No certificate that is valid for {world.site.config.app.domain} came back with the "
            "recovery point",
            safe=Own("None was ordered."),
            do="A failover would order one while users wait. See that the site that reigns renews "
            "its certificates, then take a new recovery point: `liferaft snapshot`.",
        )

    async def prove(self, world: World) -> None:
        """`apply` has looked."""


class NotAsItShould(Unproven):
    """The application is well, and does not do its work."""


@dataclass(frozen=True)
class AskOnTrial:
    """The application answers a question of its own well, as a user would ask it at the drill's
    address."""

    url: str

    async def holds(self, world: World) -> bool:
        """Never said from here: each question may change something, and one is enough."""
        return False

    async def apply(self, world: World) -> Mapping[str, Any]:
        address = (await world.site.outputs()).address
        ca_file = world.site.credentials.users_ca_file
        ailment = await asyncio.to_thread(prove.ailment_of, self.url, address, ca_file)
        if ailment is not None:
            raise NotAsItShould(
                f"{self.url}, asked at the drill, does not answer well: {ailment}",
                do="See what it needs that the drill denied it or did not start, and `check`, "
                "`allow` and `run` in [drill].",
            )
        return {"unchanged": True}

    async def prove(self, world: World) -> None:
        """`apply` has asked."""


@dataclass(frozen=True)
class StartOnTrial(StartWorkload):
    """The server runs what faces users, what that depends on, and what is asked for in `run`:
    workers and jobs could reach out to others. `instead`: what services are told in place of what
    the Compose file says."""

    run: tuple[str, ...] = ()
    instead: Mapping[str, str] = field(default_factory=dict)

    async def holds(self, world: World) -> bool:
        workload = await self._workload(world)
        return not workload.compose.services or await super().holds(world)

    def _described(self, whole: Compose, secrets: Collection[str]) -> Compose:
        return application.on_trial(whole, self.run, told_in_secret(self.instead, secrets))

    def _scheduled(self, jobs: Mapping[str, JobConfig]) -> Mapping[str, JobConfig]:
        return {}
