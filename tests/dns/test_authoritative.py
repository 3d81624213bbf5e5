"""The name servers themselves are asked, all of them and past caches."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from dns.asyncresolver import Resolver

from liferaft.dns import authoritative
from liferaft.dns.authoritative import ServedZone, ask_all, ask_for_zone

ZONE, DOMAIN = "chirp.test", "www.chirp.test"
OLD, NEW = "192.0.2.7", "198.51.100.7"
FIRST, SECOND, FINDER = "127.0.0.2", "127.0.0.3", "127.0.0.4"
Answering = Callable[[dns.message.Message], dns.message.Message]


@contextmanager
def answering(answer: Answering, address: str, port: int = 0) -> Iterator[int]:
    """A name server on loopback. Its port."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data, socket = self.request
            said = answer(dns.message.from_wire(data))
            socket.sendto(said.to_wire(), self.client_address)

    with socketserver.ThreadingUDPServer((address, port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()


def pointing(address: str | None, *, authority: bool = True) -> Answering:
    def answer(asked: dns.message.Message) -> dns.message.Message:
        assert not asked.flags & dns.flags.RD, "the server itself is asked, no cache behind it"
        said = dns.message.make_response(asked)
        said.flags |= dns.flags.AA if authority else 0
        if address:
            said.answer.append(dns.rrset.from_text(f"{DOMAIN}.", 300, "IN", "A", address))
        else:
            said.set_rcode(dns.rcode.NXDOMAIN)
        return said

    return answer


def finding(asked: dns.message.Message) -> dns.message.Message:
    """As a resolver finds two name servers of the zone."""
    said = dns.message.make_response(asked)
    name, kind = str(asked.question[0].name), asked.question[0].rdtype.name
    rows = {
        (f"{ZONE}.", "NS"): [f"ns1.{ZONE}.", f"ns2.{ZONE}."],
        (f"ns1.{ZONE}.", "A"): [FIRST],
        (f"ns2.{ZONE}.", "A"): [SECOND],
    }.get((name, kind), [])
    if rows:
        said.answer.append(dns.rrset.from_text(name, 300, "IN", kind, *rows))
    return said


@contextmanager
def a_zone(first: Answering, second: Answering | None) -> Iterator[tuple[Resolver, int]]:
    with ExitStack() as stack:
        port = stack.enter_context(answering(first, FIRST))
        if second is not None:
            stack.enter_context(answering(second, SECOND, port))
        resolver = Resolver(configure=False)
        resolver.nameservers = [FINDER]
        resolver.port = stack.enter_context(answering(finding, FINDER))
        yield resolver, port


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authoritative, "ANSWER_SECONDS", 0.5)


async def test_a_server_that_publishes_late_is_seen_beside_one_that_does_not() -> None:
    with a_zone(pointing(NEW), pointing(OLD)) as (resolver, port):
        first, second = await ask_all(ZONE, DOMAIN, resolver=resolver, port=port)
    assert (first.addresses, second.addresses) == (frozenset({NEW}), frozenset({OLD}))
    assert str(second) == f"ns2.{ZONE} ({SECOND}) answers {OLD}"
    assert second.ttl == 300


async def test_a_name_that_is_not_there_yet_is_an_answer_without_addresses() -> None:
    with a_zone(pointing(None), pointing(NEW)) as (resolver, port):
        first, _ = await ask_all(ZONE, DOMAIN, resolver=resolver, port=port)
    assert first.addresses == frozenset()
    assert str(first).endswith("answers nothing")


async def test_a_server_that_is_dead_says_nothing_and_hides_no_other() -> None:
    with a_zone(pointing(NEW), None) as (resolver, port):
        (only,) = await ask_all(ZONE, DOMAIN, resolver=resolver, port=port)
    assert only.addresses == {NEW}


async def test_a_cache_that_answers_in_a_servers_place_is_not_believed() -> None:
    with a_zone(pointing(OLD, authority=False), pointing(NEW)) as (resolver, port):
        (only,) = await ask_all(ZONE, DOMAIN, resolver=resolver, port=port)
    assert only.addresses == {NEW}


async def test_where_no_name_can_be_resolved_nobody_answers() -> None:
    resolver = Resolver(configure=False)
    resolver.nameservers, resolver.port = [FINDER], 9
    assert await ask_all(ZONE, DOMAIN, resolver=resolver, port=9) == ()


def of_the_zone(minimum: int, ttl: int = 3600) -> Answering:
    def answer(asked: dns.message.Message) -> dns.message.Message:
        said = dns.message.make_response(asked)
        said.flags |= dns.flags.AA
        row = f"ns1.{ZONE}. hostmaster.{ZONE}. 1 3600 600 86400 {minimum}"
        said.answer.append(dns.rrset.from_text(f"{ZONE}.", ttl, "IN", "SOA", row))
        return said

    return answer


async def test_the_zone_says_whom_it_is_delegated_to_and_how_long_nothing_is_kept() -> None:
    with a_zone(of_the_zone(900), of_the_zone(900, ttl=60)) as (resolver, port):
        told = await ask_for_zone(ZONE, resolver=resolver, port=port)
    assert told.servers == {f"ns1.{ZONE}", f"ns2.{ZONE}"}
    assert told.nothing_for == {f"ns1.{ZONE} ({FIRST})": 900, f"ns2.{ZONE} ({SECOND})": 60}


async def test_a_zone_whose_servers_are_dead_is_delegated_all_the_same() -> None:
    with a_zone(of_the_zone(900), None) as (resolver, port):
        told = await ask_for_zone(ZONE, resolver=resolver, port=port)
    assert len(told.servers) == 2
    assert list(told.nothing_for.values()) == [900]


async def test_a_zone_that_cannot_be_resolved_is_delegated_to_nobody_known() -> None:
    resolver = Resolver(configure=False)
    resolver.nameservers, resolver.port = [FINDER], 9
    assert await ask_for_zone(ZONE, resolver=resolver, port=9) == ServedZone(frozenset(), {})
