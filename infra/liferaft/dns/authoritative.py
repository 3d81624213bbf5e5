"""What the zone's own name servers answer: all of them, at every address, past every cache.

Vendors take a change at once and publish it later, some server by server. Resolvers and a
certificate authority ask any one of them.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import dns.asyncquery
import dns.asyncresolver
import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
from dns.asyncresolver import Resolver

ANSWER_SECONDS: Final = 3.0
"""How long one name server may take for one answer."""
_TRIES: Final = 2
"""A datagram may be lost."""
_ADDRESSES: Final = ("A", "AAAA")
_UNANSWERED: Final = (dns.exception.DNSException, OSError)


@dataclass(frozen=True)
class ServerAnswer:
    """What one name server says of the domain.

    Attributes:
        server: its name and the address at which it was asked.
        addresses: IPv4, those that it answers with; empty where it has none.
        ttl: seconds that a resolver may keep this answer.
    """

    server: str
    addresses: frozenset[str]
    ttl: int

    def __str__(self) -> str:
        return f"{self.server} answers {', '.join(sorted(self.addresses)) or 'nothing'}"


async def ask_all(
    zone: str, domain: str, *, resolver: Resolver | None = None, port: int = 53
) -> tuple[ServerAnswer, ...]:
    """The answers of all name servers of the zone that can be reached, within some seconds.

    resolver: by which they are found, the system's unless another is given; port: theirs.

    Empty where none can be asked from here: no name resolution, or a network that keeps questions
    to itself and answers in the servers' place.
    """
    try:
        finding = resolver or dns.asyncresolver.get_default_resolver()
    except _UNANSWERED:
        return ()
    names = sorted({str(one.target) for one in await _resolved(finding, zone, "NS")})
    asked = await asyncio.gather(*(_places(finding, name) for name in names))
    places = [place for found in asked for place in found]
    answers = await asyncio.gather(*(_ask(*place, domain, port) for place in places))
    return tuple(answer for answer in answers if answer is not None)


@dataclass(frozen=True)
class ServedZone:
    """What is told of the zone itself.

    Attributes:
        servers: names of the name servers that it is delegated to, without the last dot.
        nothing_for: by name server that answers: seconds for which resolvers keep that a name is
            not there. https://www.rfc-editor.org/rfc/rfc2308#section-5
    """

    servers: frozenset[str]
    nothing_for: Mapping[str, int]


async def ask_for_zone(
    zone: str, *, resolver: Resolver | None = None, port: int = 53
) -> ServedZone:
    """As `ask_all`, of the zone's own records. Without servers where none can be found."""
    try:
        finding = resolver or dns.asyncresolver.get_default_resolver()
    except _UNANSWERED:
        return ServedZone(frozenset(), {})
    names = sorted({str(one.target) for one in await _resolved(finding, zone, "NS")})
    asked = await asyncio.gather(*(_places(finding, name) for name in names))
    places = [place for found in asked for place in found]
    said = await asyncio.gather(*(_said(at, zone, "SOA", port) for _, at in places))
    told = {
        _place(*place): min(int(rows.ttl), *(int(one.minimum) for one in rows))
        for place, answer in zip(places, said, strict=True)
        for rows in (answer.answer if answer else ())
        if rows.rdtype == dns.rdatatype.SOA
    }
    return ServedZone(frozenset(name.rstrip(".").lower() for name in names), told)


async def _places(resolver: Resolver, server: str) -> list[tuple[str, str]]:
    """The server's name with each of its addresses."""
    found = [row for kind in _ADDRESSES for row in await _resolved(resolver, server, kind)]
    return [(server, str(row.address)) for row in found]


async def _resolved(resolver: Resolver, name: str, kind: str) -> list[Any]:
    try:
        return list(
            await resolver.resolve(f"{name.rstrip('.')}.", kind, lifetime=2 * ANSWER_SECONDS)
        )
    except _UNANSWERED:
        return []


async def _ask(server: str, address: str, domain: str, port: int) -> ServerAnswer | None:
    said = await _said(address, domain, "A", port)
    return None if said is None else _answer(_place(server, address), said)


def _place(server: str, address: str) -> str:
    return f"{server.rstrip('.')} ({address})"


async def _said(address: str, name: str, kind: str, port: int) -> dns.message.Message | None:
    """None for one that does not answer with authority: a cache in its place says nothing."""
    query = dns.message.make_query(f"{name}.", dns.rdatatype.from_text(kind))
    query.flags &= ~dns.flags.RD
    for _ in range(_TRIES):
        try:
            said, _ = await dns.asyncquery.udp_with_fallback(query, address, ANSWER_SECONDS, port)
        except _UNANSWERED:
            continue
        if said.flags & dns.flags.AA and said.rcode() in {dns.rcode.NOERROR, dns.rcode.NXDOMAIN}:
            return said
        return None
    return None


def _answer(server: str, said: dns.message.Message) -> ServerAnswer:
    sets = [one for one in said.answer if one.rdtype == dns.rdatatype.A]
    return ServerAnswer(
        server,
        frozenset(one.address for rows in sets for one in rows),
        max((rows.ttl for rows in sets), default=0),
    )
