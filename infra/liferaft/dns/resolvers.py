"""What name servers answer: the vendors' own, for proof; public ones, for the tail of a switch."""

import asyncio
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype

from liferaft.dns.failures import NotYetAnswered

QUERY_SECONDS: Final = 2.0
LAST_QUERY_SECONDS: Final = 1.0
"""How long the last question may take though the deadline is nearer: cut short, it would hide what
the servers say."""
"""How long one server may take over one question."""
EVERY_SECONDS: Final = 0.25


@dataclass(frozen=True)
class NameServer:
    """A server that answers DNS over UDP and TCP."""

    address: str
    port: int = 53

    def __str__(self) -> str:
        return self.address if self.port == 53 else f"{self.address}:{self.port}"  # noqa: PLR2004


@dataclass(frozen=True)
class Answer:
    """What one server said about the A records of a name."""

    server: NameServer
    addresses: tuple[str, ...] = ()
    """Sorted; empty when it knows none or did not answer."""
    ttl: int = 0
    """Seconds for which whoever asked may keep it: for a cache, what is left."""
    authoritative: bool = False
    problem: str = ""
    """Why there are no addresses: `no answer within 2 s`, `NXDOMAIN`, …"""

    def __str__(self) -> str:
        said = ", ".join(self.addresses) or self.problem or "no address"
        return f"{self.server}: {said}"


async def answers(
    name: str, servers: Sequence[NameServer], *, timeout: float = QUERY_SECONDS
) -> tuple[Answer, ...]:
    """Ask all servers at once, once; in their order. Never raises for a server that fails."""
    return tuple(await asyncio.gather(*(_ask(name, server, timeout) for server in servers)))


def tail_seconds(found: Collection[Answer], wanted: Collection[str]) -> int:
    """For how long these servers may still send users elsewhere; 0 when none does."""
    elsewhere = (a.ttl for a in found if a.addresses and set(a.addresses) != set(wanted))
    return max(elsewhere, default=0)


async def wait_for(
    name: str,
    addresses: Collection[str],
    servers: Sequence[NameServer],
    *,
    deadline: float,
    authoritative: bool = False,
) -> tuple[Answer, ...]:
    """Return once every server answers exactly `addresses`; NotYetAnswered after `deadline` s."""
    end = time.monotonic() + deadline
    wanted = tuple(sorted(addresses))
    while True:
        left = end - time.monotonic()
        patience = min(QUERY_SECONDS, max(left, LAST_QUERY_SECONDS))
        found = await answers(name, servers, timeout=patience)
        if all(a.addresses == wanted and a.authoritative >= authoritative for a in found):
            return found
        if time.monotonic() + EVERY_SECONDS > end:
            raise NotYetAnswered(
                f"Waited {deadline:g} s for {name} to be {', '.join(wanted)}.",
                do="Look at the zone at its vendors; caches need up to its TTL.",
                details={"answers": "; ".join(str(answer) for answer in found)},
            )
        await asyncio.sleep(EVERY_SECONDS)


async def wait_authoritative(
    name: str, addresses: Collection[str], servers: Sequence[NameServer], *, deadline: float
) -> tuple[Answer, ...]:
    """`wait_for`, believing only servers that answer from the zone itself."""
    return await wait_for(name, addresses, servers, deadline=deadline, authoritative=True)


async def _ask(name: str, server: NameServer, timeout: float) -> Answer:
    question = dns.message.make_query(name, dns.rdatatype.A)
    try:
        async with asyncio.timeout(timeout):
            said, _ = await dns.asyncquery.udp_with_fallback(
                question, server.address, port=server.port, timeout=timeout
            )
    except (TimeoutError, dns.exception.Timeout):
        return Answer(server, problem=f"no answer within {timeout:g} s")
    except (OSError, EOFError, dns.exception.DNSException) as error:
        return Answer(server, problem=f"{type(error).__name__}: {error}")
    authoritative = bool(said.flags & dns.flags.AA)
    if said.rcode() != dns.rcode.NOERROR:
        problem = dns.rcode.to_text(said.rcode())
        return Answer(server, authoritative=authoritative, problem=problem)
    found = [rrset for rrset in said.answer if rrset.rdtype == dns.rdatatype.A]
    addresses = tuple(sorted(str(record) for rrset in found for record in rrset))
    ttl = min((rrset.ttl for rrset in said.answer), default=0)
    return Answer(server, addresses, ttl, authoritative)
