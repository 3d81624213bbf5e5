"""What becomes of a question, and of what the kernel turned away."""

import time
from dataclasses import dataclass, field
from typing import Any

import dns.message
import dns.rcode
import dns.rrset
import pytest

from liferaft.hosts.isolation.gatekeeping import asker, gatekeeper, kernel, upstream
from liferaft.hosts.isolation.gatekeeping.asker import Program
from liferaft.hosts.isolation.gatekeeping.gatekeeper import Gatekeeper
from liferaft.hosts.isolation.gatekeeping.kernel import Turned
from liferaft.hosts.isolation.gatekeeping.names import Names
from liferaft.hosts.isolation.gatekeeping.trying import THERE
from liferaft.hosts.isolation.gatekeeping.wants import Wants

ADDRESS = "192.0.2.9"


def answered_upstream(message: bytes, *_: object, **__: object) -> bytes:
    answer = dns.message.make_response(dns.message.from_wire(message))
    name = answer.question[0].name.to_text()
    answer.answer.append(dns.rrset.from_text(name, 60, "IN", "A", ADDRESS))
    return answer.to_wire()


@dataclass
class Kernel:
    """What it was told to let through, and what it says it turned away."""

    let: list[tuple[Any, ...]] = field(default_factory=list)
    turned: dict[Turned, int] = field(default_factory=dict)


@pytest.fixture(autouse=True)
def beneath(monkeypatch: pytest.MonkeyPatch) -> Kernel:
    made = Kernel()
    monkeypatch.setattr(kernel, "let_through", lambda *told: made.let.append(told))
    monkeypatch.setattr(kernel, "turned_away", lambda _: made.turned)
    monkeypatch.setattr(gatekeeper, "BRIDGES_SECONDS", 0)
    monkeypatch.setattr(asker, "_podman", lambda *_: "")
    return made


@pytest.fixture
def gate() -> Gatekeeper:
    """Of a drill that may call its vault."""
    names = Names({"vault.example": [443]}, {"app.example": "192.0.2.77"})
    made = Gatekeeper(names, Wants("boot"), "table", 1, ask=answered_upstream)
    made.containers.by_address["10.89.0.2"] = "app_web_1"
    return made


def asked(gate: Gatekeeper, name: str, **how: Any) -> dns.message.Message:
    said = gate.answer(dns.message.make_query(name, "A").to_wire(), "udp", 40000, **how)
    assert said is not None
    return dns.message.from_wire(said)


def noted(gate: Gatekeeper) -> list[tuple[str, str, str]]:
    """By whom, and what, after a look."""
    gate.look()
    return [(want.by_what, want.by, want.asked) for want in gate.wants.counts]


def is_program(monkeypatch: pytest.MonkeyPatch, program: Program | None) -> None:
    """From now on it is this one that asks."""
    monkeypatch.setattr(asker, "program_at", lambda *_: program)


def test_an_allowed_name_is_let_through_before_it_is_answered(
    gate: Gatekeeper, beneath: Kernel
) -> None:
    said = asked(gate, "vault.example")
    assert [str(one) for answer in said.answer for one in answer] == [ADDRESS]
    assert beneath.let == [("table", [ADDRESS], frozenset({443}))]
    assert gate.wants.given == {ADDRESS: ["vault.example"]}
    assert noted(gate) == []


def test_an_allowed_name_that_nobody_answers_is_no_hidden_dependency(gate: Gatekeeper) -> None:
    def silent(*_: object, **__: object) -> bytes:
        raise upstream.Unanswered

    gate.ask = silent
    assert asked(gate, "vault.example").rcode() == dns.rcode.SERVFAIL
    assert noted(gate) == []


def test_the_apps_own_domain_is_asked_of_nobody(gate: Gatekeeper, beneath: Kernel) -> None:
    said = asked(gate, "App.Example")
    assert [str(one) for answer in said.answer for one in answer] == ["192.0.2.77"]
    assert (beneath.let, noted(gate)) == ([], [])


def test_who_asked_in_vain_is_told_by_its_unit_else_by_its_program(
    gate: Gatekeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    for program in (Program("python3", "nightly.service"), Program("curl", ""), None):
        is_program(monkeypatch, program)
        assert asked(gate, "mail.example").rcode() == dns.rcode.REFUSED
    assert noted(gate) == [
        ("unit", "nightly.service", "mail.example"),
        ("process", "curl", "mail.example"),
        ("", "", "mail.example"),
    ]


def test_what_podmans_resolver_asks_is_told_of_the_container_that_asked_it(
    gate: Gatekeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_program(monkeypatch, Program(asker.AARDVARK, "run-r1.scope"))
    asked(gate, "mail.example")
    gate.lookups.note("mail.example", "10.89.0.2", time.time())  # read on the bridge, a bit later
    asked(gate, "other.example")
    assert noted(gate) == [
        ("container", "app_web_1", "mail.example"),
        ("container", "", "other.example"),
    ]


def test_a_container_that_asks_past_podmans_resolver_is_told_by_its_name(
    gate: Gatekeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_program(monkeypatch, Program("of-the-host", "another.service"))
    asked(gate, "mail.example", container="10.89.0.2")
    assert noted(gate) == [("container", "app_web_1", "mail.example")]


def test_containers_that_look_for_each_other_are_no_hidden_dependency(gate: Gatekeeper) -> None:
    asked(gate, "db.dns.podman")
    assert noted(gate) == []


def test_calls_are_told_by_container_by_unit_and_by_user(
    gate: Gatekeeper, beneath: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = {"4711": "system.slice/nightly.service"}
    monkeypatch.setattr(asker, "cgroup_paths", lambda: paths)
    callers = (("address", "10.89.0.2"), ("cgroup", "4711"), ("cgroup", "12"), ("user", "33"))
    for what, who in (*callers, ("address", THERE)):
        beneath.turned[Turned(what, who, "tcp", ADDRESS, 25)] = 1
    assert [(what, who) for what, who, _ in noted(gate)] == [
        *(("container", "app_web_1"), ("unit", "nightly.service"), ("unit", ""), ("user", "33")),
        ("unit", "liferaft-trial.service"),
    ]
    assert [one.count for one in gate.wants.counts.values()] == [1] * 5
    noted(gate)
    assert [one.count for one in gate.wants.counts.values()] == [1] * 5, "each is counted once"


def test_what_is_no_question_gets_no_answer(gate: Gatekeeper) -> None:
    assert gate.answer(b"hello", "udp", 40000) is None


def test_a_container_that_asks_before_podman_knows_its_address_is_named_once_it_does(
    gate: Gatekeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(gate, "flags.example", container="10.89.0.4")
    assert noted(gate) == [("container", "10.89.0.4", "flags.example")]
    monkeypatch.setattr(asker, "_podman", podman_with_late)
    monkeypatch.setattr(asker, "_SOON_SECONDS", 0.0)
    assert noted(gate) == [("container", "app_late_1", "flags.example")]
    asked(gate, "flags.example", container="10.89.0.4")
    assert noted(gate) == [("container", "app_late_1", "flags.example")]
    assert [one.count for one in gate.wants.counts.values()] == [2]


def podman_with_late(*words: str) -> str:
    return f"{'a' * 64}\n" if words[0] == "ps" else f"{'a' * 64} app_late_1 10.89.0.4\n"


def test_an_address_that_asked_long_ago_may_be_anothers_by_now(
    gate: Gatekeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(gate, "flags.example", container="10.89.0.4")
    gate.look()
    monkeypatch.setattr(asker, "_podman", podman_with_late)
    monkeypatch.setattr(asker, "_SOON_SECONDS", 0.0)
    monkeypatch.setattr(gatekeeper, "NAMED_SECONDS", -1.0)
    assert noted(gate) == [("container", "10.89.0.4", "flags.example")]
