"""Caddy in front of the application: TLS, and the holding page while the application is away."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from liferaft.dns import departures
from liferaft.edge import certificates, orders, proxy
from liferaft.edge.caddyfile import Edge
from liferaft.edge.holding import Notice
from liferaft.edge.orders import OrderProblem
from liferaft.edge.proxy import Serving
from liferaft.failures import DeadlinePassed, Failure, VendorFailure
from liferaft.moves.front import front
from liferaft.moves.published import PUBLISHED_SECONDS, wait_until_published
from liferaft.remote.contract import Host
from liferaft.remote.waiting import wait_until
from liferaft.site.world import World

INSTALL_SECONDS = 60.0
LOOK_SECONDS = 0.5
EARLIER_SECONDS = 3600
"""Caddy asks again after longer and longer pauses: what it was told last may be as old."""
CERTIFICATE_SECONDS = 90.0
"""How long the certificate authority may take: it asks the domain, which resolvers may cache."""
EDGE_SECONDS = PUBLISHED_SECONDS + INSTALL_SECONDS + CERTIFICATE_SECONDS + 30


class CertificateRefused(VendorFailure):
    """The certificate authority did not issue."""


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
        began = await orders.moment(host)
        await proxy.install(host, there, deadline=INSTALL_SECONDS)
        await proxy.announce(host, self.notice)

        problem: OrderProblem | None = None

        async def is_decided() -> bool:
            nonlocal problem
            if await proxy.is_serving(host, there):
                problem = None
                return True
            problem = await orders.order_problem(host, since=began)
            return problem is not None and problem.is_limit

        in_time = await wait_until(is_decided, seconds=CERTIFICATE_SECONDS, every=LOOK_SECONDS)
        if problem is not None:
            raise _refused(problem, there, host)
        if not in_time:
            problem = await orders.order_problem(host, since=began - EARLIER_SECONDS)
            raise _refused(problem, there, host) if problem else _not_served(there, host)
        return {}

    async def prove(self, world: World) -> None:
        """`apply` ends only once the page was fetched over TLS, its certificate checked."""


def _refused(problem: OrderProblem, there: Edge, host: Host) -> Failure:
    details = {"problem": problem.kind, "authority": there.acme_directory, "said": problem.said}
    if problem.is_limit:
        return CertificateRefused(
            f"The certificate authority issues no more for {there.domain} for now: {problem.said}",
            safe=_SAFE,
            do="Wait until the time that it names: asking again makes it later. Let's Encrypt "
            "issues one set of names five times in seven days and lets five validations an hour "
            "fail (https://letsencrypt.org/docs/rate-limits/). Certificates of a recovery point "
            "are used again; for trials set tls.acme_directory to its staging.",
            details=details,
        )
    return CertificateRefused(
        f"The certificate authority did not issue for {there.domain}: {problem.said}",
        safe=_SAFE,
        do=f"See whether {there.domain} points at {host.address} and the authority reaches it at "
        "port 80 and 443; of five failures in an hour Let's Encrypt makes it a longer wait. Then "
        "run the same command again.",
        details=details,
    )


def _not_served(there: Edge, host: Host) -> Failure:
    return DeadlinePassed(
        f"Waited {CERTIFICATE_SECONDS:.0f} s for {there.domain} to be served with TLS",
        safe=_SAFE,
        do=f"See whether {there.domain} points at {host.address} and the ACME server reaches it, "
        "then run the same command again.",
    )


_SAFE = "The application itself is not affected."
