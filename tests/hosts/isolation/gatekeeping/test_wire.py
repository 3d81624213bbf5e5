"""Messages of the DNS, held to those of another implementation."""

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from liferaft.hosts.isolation.gatekeeping import wire


def asking(name: str, kind: str = "A") -> bytes:
    return dns.message.make_query(name, kind).to_wire()


def answered(*records: str) -> bytes:
    """What a resolver says to who asks for `a.example`."""
    answer = dns.message.make_response(dns.message.make_query("a.example", "A"))
    for record in records:
        name, kind, value = record.split()
        answer.answer.append(dns.rrset.from_text(name, 60, "IN", kind, value))
    return answer.to_wire()


@pytest.mark.parametrize("kind", ["A", "AAAA", "MX", "TXT", "HTTPS", "SRV"])
def test_a_question_is_read_in_small_letters_with_its_type(kind: str) -> None:
    asked = wire.question(asking("Mail.Vendor.EXAMPLE", kind))
    assert (asked.name, asked.type_name) == ("mail.vendor.example", kind)


def test_a_type_that_nobody_named_is_told_by_its_number() -> None:
    assert wire.question(asking("a.example", "TYPE4711")).type_name == "TYPE4711"


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"hello",
        asking("a.example")[:20],
        answered("a.example. A 192.0.2.1"),
        asking("a.example")[:12] + b"\xc0\x0c\x00\x01\x00\x01",
        asking("a.example")[:12] + b"\x01\xff\x00\x00\x01\x00\x01",
    ],
    ids=["nothing", "text", "half", "an answer", "a name that points at itself", "no letters"],
)
def test_what_is_no_question_is_told_apart(message: bytes) -> None:
    with pytest.raises(wire.NoQuestion):
        wire.question(message)


def test_a_refusal_is_an_answer_to_its_question_that_holds_nothing() -> None:
    message = asking("mail.vendor.example", "MX")
    said = dns.message.from_wire(wire.refusal(message, wire.question(message)))
    assert said.rcode() == dns.rcode.REFUSED
    assert dns.message.from_wire(message).is_response(said)
    assert not said.answer


def test_an_own_name_has_its_one_address_and_nothing_else() -> None:
    for kind, found in (("A", ["192.0.2.7"]), ("AAAA", [])):
        message = asking("app.example", kind)
        said = dns.message.from_wire(wire.own_answer(message, wire.question(message), "192.0.2.7"))
        assert said.rcode() == dns.rcode.NOERROR
        assert said.flags & dns.flags.RA
        assert [str(one) for answer in said.answer for one in answer] == found


def test_an_answer_is_read_for_all_its_addresses_behind_other_names_too() -> None:
    said = answered(
        *("a.example. CNAME b.cdn.example.", "b.cdn.example. A 192.0.2.1"),
        *("b.cdn.example. A 192.0.2.2", "b.cdn.example. AAAA 2001:db8::1"),
    )
    assert sorted(wire.addresses(said)) == ["192.0.2.1", "192.0.2.2", "2001:db8::1"]


def test_an_answer_that_was_cut_off_is_not_believed() -> None:
    with pytest.raises(wire.NoQuestion):
        wire.addresses(answered("a.example. A 192.0.2.1")[:-14])
