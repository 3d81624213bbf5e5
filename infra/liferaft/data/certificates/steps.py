"""Certificates come back to a server that has none: authorities count what they issue."""

from dataclasses import dataclass

from liferaft.data.parts import RestorePart
from liferaft.edge import proxy
from liferaft.edge.caddyfile import Edge
from liferaft.edge.certificates import has_certificate
from liferaft.site.world import World


@dataclass(frozen=True)
class BringCertificates(RestorePart):
    """The edge's server has a certificate for the domain, its own or that of a recovery point.

    What Caddy runs with is never overwritten: it may be newer. Files that lie there before it was
    configured are what a killed restore left.
    """

    async def holds(self, world: World) -> bool:
        config = world.site.config
        edge = Edge(config.app.domain, config.tls.email, config.tls.acme_directory)
        host = await world.servers.host(self.server)
        if await super().holds(world):
            return True
        return await proxy.is_ours(host) and await has_certificate(host, edge)
