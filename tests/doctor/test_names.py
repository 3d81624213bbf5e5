"""What resolvers are told of the name, and what nobody tells, is told as each of it is."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.doctor.conftest import IN_MEMORY, Find
from tests.models.dns import Zone

from liferaft.dns import authoritative
from liferaft.dns.authoritative import ServedZone, ServerAnswer
from liferaft.doctor import names
from liferaft.doctor.patient import Patient
from liferaft.journal import Event, RunName
from liferaft.vault import EpochChain, EpochRecord, Vault

Called = Callable[..., Patient]
Publish = Callable[..., None]
HERE, THERE = "203.0.113.9", "198.51.100.7"
AT = "2026-11-22T14:00:00.000Z"


@pytest.fixture
def publish(monkeypatch: pytest.MonkeyPatch) -> Publish:
    """Let name servers answer so."""

    def let(
        *answers: tuple[str, int], servers: tuple[str, ...] = (), nothing_for: int = 60
    ) -> None:
        rows = tuple(
            ServerAnswer(f"ns{number}", frozenset({address}), ttl)
            for number, (address, ttl) in enumerate(answers, 1)
        )

        async def all_of_them(*_: object) -> tuple[ServerAnswer, ...]:
            return rows

        async def of_the_zone(*_: object) -> ServedZone:
            return ServedZone(frozenset(servers), dict.fromkeys(servers, nothing_for))

        monkeypatch.setattr(authoritative, "ask_all", all_of_them)
        monkeypatch.setattr(authoritative, "ask_for_zone", of_the_zone)

    return let


@pytest.fixture
def said(patient: Called, find: Find) -> Callable[[str], list[str]]:
    def ask(name: str) -> list[str]:
        found = find(names.of_names(patient(IN_MEMORY)), name)
        return [f"{one.severity}: {one.finding}" for one in found]

    return ask


def test_a_ttl_as_served_is_held_against_the_declared_one(
    publish: Publish, said: Callable[[str], list[str]]
) -> None:
    publish((HERE, 60), (HERE, 30))
    assert said("name-served") == [f"ok: 60 s at most; all 2 name servers say {HERE}."]
    publish((HERE, 3600), (HERE, 60))
    assert said("name-served") == ["warning: Up to 3600 s, and dns.ttl is 60 s."]


def test_name_servers_that_do_not_agree_are_named(
    publish: Publish, said: Callable[[str], list[str]]
) -> None:
    publish((HERE, 60), (THERE, 60))
    (one,) = said("name-served")
    assert one.startswith("warning: Name servers of chirp.test do not agree: ns1 answers 203.0")


def test_how_long_a_missing_name_is_missed_is_a_note_where_it_is_long(
    publish: Publish, said: Callable[[str], list[str]]
) -> None:
    publish(servers=("ns1.test",), nothing_for=300)
    assert said("name-missing") == ["ok: 300 s at most."]
    publish(servers=("ns1.test",), nothing_for=3600)
    assert said("name-missing")[0].startswith("note: Up to 3600 s, by the SOA record")


@pytest.mark.parametrize("name", ["name-served", "name-missing", "delegation"])
def test_where_no_name_server_can_be_asked_nothing_is_told_as_well(
    patient: Called, find: Find, name: str
) -> None:
    (one,) = find(names.of_names(patient(IN_MEMORY)), name)
    assert (one.severity, one.is_answered) == ("unknown", False)


def test_a_vendor_that_nobody_is_led_to_is_a_warning(
    publish: Publish, said: Callable[[str], list[str]], zone: Zone
) -> None:
    zone.rows[("", "NS")] = {"type": "NS", "ttl": 300, "values": ["NS1.one.test.", "ns2.one.test."]}
    publish(servers=("ns1.one.test", "ns1.two.test"))
    assert said("delegation") == ["ok: Resolvers are led to ns1.one.test, which it names."]
    publish(servers=("ns1.two.test",))
    (one,) = said("delegation")
    assert one.startswith("warning: Resolvers are led to ns1.two.test, and it names ns1.one.test")


@pytest.mark.usefixtures("zone")
def test_a_class_that_tells_no_name_servers_of_its_own_leaves_it_unknown(
    publish: Publish, said: Callable[[str], list[str]]
) -> None:
    publish(servers=("ns1.one.test",))
    (one,) = said("delegation")
    assert one.startswith("unknown: NOT KNOWN: its class does not tell")


def test_what_a_token_may_do_is_unknown_and_what_it_did_is_told(
    said: Callable[[str], list[str]], vault: Vault
) -> None:
    assert said("dns-rights") == [
        "unknown: NOT KNOWN: its class does not tell, and trying would write."
    ]
    run = RunName(1, "20261122T140000000Z-aa")
    record = EpochRecord(1, "east", str(run), AT, system="debian-13")
    EpochChain(vault).claim(record)
    rows: list[tuple[str, dict[str, Any]]] = [
        ("run-started", {"move": "deploy", "site": "east", "inputs": {}, "digest": "d"}),
        ("step-started", {"step": "dns-one", "needs": []}),
        ("step-done", {"step": "dns-one", "changes": ["Create www.chirp.test"]}),
    ]
    for seq, (kind, facts) in enumerate(rows, 1):
        vault.create(run.key(seq), Event(seq, kind, AT, "s", float(seq), facts).to_json())
    (one,) = said("dns-rights")
    assert one.endswith("It took a change at 2026-11-22 14:00 UTC, by the deploy to east.")
