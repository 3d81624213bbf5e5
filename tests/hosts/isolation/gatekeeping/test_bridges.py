"""Questions of containers, read on their way."""

import socket
import struct

import dns.message

from liferaft.hosts.isolation.gatekeeping.bridges import KEPT_SECONDS, Lookups, asked_in

QUESTION = dns.message.make_query("mail.example", "A").to_wire()


def packet(content: bytes, *, protocol: int = 17, port: int = 53) -> bytes:
    body = struct.pack(">HHHH", 40000, port, 8 + len(content), 0) + content
    addresses = socket.inet_aton("10.89.0.2") + socket.inet_aton("10.89.0.1")
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), 0, 0, 64, protocol, 0)
    return head + addresses + body


def test_a_question_is_told_with_who_asks() -> None:
    found = asked_in(packet(QUESTION))
    assert found is not None
    assert (found[0].name, found[1]) == ("mail.example", "10.89.0.2")


def test_everything_else_that_passes_is_let_be() -> None:
    others = (
        *(b"", packet(QUESTION)[:24], packet(b"hello"), packet(QUESTION, protocol=6)),
        packet(QUESTION, port=80),
    )
    assert [asked_in(one) for one in others] == [None] * len(others)


def test_all_who_asked_for_a_name_lately_are_told_once_each() -> None:
    lookups = Lookups()
    for number, at in ((2, 0.0), (3, 8.0), (4, 9.0), (3, 9.5)):
        lookups.note("mail.example", f"10.89.0.{number}", at)
    assert lookups.askers("mail.example", KEPT_SECONDS) == ["10.89.0.3", "10.89.0.4"]
    assert lookups.askers("other.example", KEPT_SECONDS) == []
