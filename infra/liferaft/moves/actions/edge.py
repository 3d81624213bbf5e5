"""Caddy in front of the application: TLS, and the holding page while the application is away."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from liferaft.dns import departures
from liferaft.edge import certificates, proxy
from liferaft.edge.holding import Notice
from liferaft.edge.proxy import Serving
from liferaft.failures import DeadlinePassed
from liferaft.moves.front import front
from liferaft.moves.published import PUBLISHED_SECONDS, wait_until_published
from liferaft.remote.waiting import wait_until
from liferaft.site.world import World

INSTALL_SECONDS = 60.0
CERTIFICATE_SECONDS = 90.0
"""How long the certificate authority may take: it asks the domain, which resolvers may cache."""
EDGE_SECONDS = PUBLISHED_SECONDS + INSTALL_SECONDS + CERTIFICATE_SECONDS + 30


@dataclass(frozen=True)
class RaiseEdge:
    """The edge server answers for the domain with a certificate that holds. While the app is away
    the page says why: `notice`. The proof of the service withdraws it.

    Where a certificate has to be ordered, the name is published everywhere before Caddy starts.
    """

    notice: Notice

    async def holds(self, world: World) -> bool:
        host, there = (
            await world.servers.host(world.site.roster.edge.name),
            await front(world),
        )
        if not await proxy.is_installed(host, there):
            return False
        served = await proxy.serving(host, there)
        return served is Serving.APP or (
            served is Serving.HOLDING and self.notice in await proxy.announced(host)
        )

    async def apply(self, world: World) -> Mapping[str, Any]:
        host, there = (
            await world.servers.host(world.site.roster.edge.name),
            await front(world),
        )
        if not await certificates.has_valid_certificate(host, there, at=departures.now()):
            await wait_until_published(world)
        await proxy.install(host, there, deadline=INSTALL_SECONDS)
        await proxy.announce(host, self.notice)

        async def is_serving() -> bool:
            return await proxy.is_serving(host, there)

        if not await wait_until(is_serving, seconds=CERTIFICATE_SECONDS):
            raise DeadlinePassed(
                f"Waited {CERTIFICATE_SECONDS:.0f} s for {there.domain} to be served with TLS",
                safe="The application itself is not affected.",
                do=f"See whether {there.domain} points at {host.address} and the ACME server "
                "reaches it, then run the same command again.",
            )
        return {}

    async def prove(self, world: World) -> None:
        """`apply` ends only once the page was fetched over TLS, its certificate checked."""
