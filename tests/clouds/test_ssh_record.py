"""Who holds a machine, and which machine is taken."""

import hashlib
from typing import TYPE_CHECKING

import pytest

from liferaft.clouds.classification import Classification, CloudFailure, Verdict
from liferaft.clouds.contract import Owner, TakenByAnotherSpec
from liferaft.clouds.inventory import Inventory, InventoryMachine
from liferaft.clouds.kinds import AddressSpec
from liferaft.clouds.sizes import NoSizeFits, WantedSize
from liferaft.clouds.ssh.choosing import free, held_by, ours
from liferaft.clouds.ssh.errors import NO_FREE_MACHINE, Said
from liferaft.clouds.ssh.record import ABSENT, Ident, MachineHolding, Record, Stage
from liferaft.clouds.ssh.sizes import choose

if TYPE_CHECKING:
    from collections.abc import Mapping

OWNER = Owner.of("urn:app-1", app="chirp", site="colo", epoch=1)
SILENT = CloudFailure("ssh", "asking", Classification(Verdict.OUTAGE, "unreachable", ""), safe="")


def holding(token: str, stage: Stage = "ready", since: str = "") -> MachineHolding:
    return MachineHolding(f"chirp-colo-{token}", {"liferaft-token": token}, stage, since)


def machine(name: str, cpus: int = 2, architecture: str = "x86_64") -> InventoryMachine:
    return InventoryMachine(
        *(name, "198.51.100.1", "10.40.0.1", "ssh-ed25519 AAAA"),
        cpus=cpus,
        memory=cpus * 2048,
        disk=40,
        architecture="arm64" if architecture == "arm64" else "x86_64",
    )


def test_a_record_reads_back_as_it_was_written_and_knows_what_was_seen() -> None:
    record = Record(
        server=holding("a", "claiming"), address=MachineHolding.of(AddressSpec("e"), OWNER)
    )
    found = Record.parse("m1", record.text().encode())
    assert found == record
    assert found.seen == hashlib.sha256(record.text().encode()).hexdigest()


def test_a_machine_that_nobody_holds_has_no_record() -> None:
    assert Record().text() == ""
    assert Record.parse("m1", b"").seen == ABSENT


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"server": {"name": 1}}', b'{"owner": "me"}'])
def test_a_record_of_somebody_elses_making_is_left_alone(content: bytes) -> None:
    with pytest.raises(Said, match="left alone"):
        Record.parse("m1", content)


def test_a_machine_that_is_being_released_is_held_by_nobody_any_more() -> None:
    assert held_by(Record(server=holding("a", "releasing")), "server", "a") is None
    assert held_by(Record(server=holding("a")), "server", "b") is None
    assert held_by(Record(server=holding("a")), "server", "a") is not None


def test_what_was_made_from_another_spec_is_named() -> None:
    with pytest.raises(TakenByAnotherSpec, match="exists already as m1"):
        MachineHolding.of(AddressSpec("one"), OWNER).check_made_from(
            AddressSpec("two"), "address", "m1"
        )


def test_an_id_names_the_machine_and_the_claim() -> None:
    assert Ident.parse(str(Ident("m1", "abc"))) == Ident("m1", "abc")


def test_of_two_claims_of_one_token_the_one_that_was_answered_for_counts() -> None:
    answers: Mapping[str, Record | CloudFailure] = {
        "m1": Record(server=holding("a", "claiming", "2026-01-02")),
        "m2": Record(server=holding("a", "ready", "2026-01-01")),
        "m3": SILENT,
    }
    assert ours(answers, "server", "a") == "m2"
    assert ours(answers, "address", "a") is None


def test_the_first_wanted_machine_that_is_free_is_taken() -> None:
    answers: Mapping[str, Record | CloudFailure] = {
        "m1": Record(server=holding("a")),
        "m2": SILENT,
        "m3": Record(address=holding("e")),
        "m4": Record(),
    }
    assert free(answers, ("m1", "m2", "m3", "m4")) == "m4"
    assert free(answers, ("m3",), reservation="e") == "m3"


def test_no_free_machine_says_why_each_was_left_out() -> None:
    answers: Mapping[str, Record | CloudFailure] = {
        "m1": Record(server=holding("a")),
        "m2": SILENT,
        "m3": Record(address=holding("e")),
    }
    with pytest.raises(Said) as said:
        free(answers, answers)
    assert said.value.code == NO_FREE_MACHINE
    assert said.value.facts.details["tried"] == (
        "m1 (held by chirp-colo-a), m2 (unreachable), m3 (reserved by chirp-colo-e)"
    )


def test_machines_that_are_all_silent_are_an_outage_and_no_lack_of_machines() -> None:
    with pytest.raises(CloudFailure) as failed:
        free({"m1": SILENT, "m2": SILENT}, ("m1", "m2"))
    assert failed.value.classification.verdict is Verdict.OUTAGE


def test_the_smallest_machine_that_fits_comes_first_then_the_inventorys_order() -> None:
    inventory = Inventory(
        machines=(machine("big", 8), machine("b"), machine("a"), machine("arm", 2, "arm64"))
    )
    wanted = WantedSize(cpus=2, memory=4096, disk=20, architecture="x86_64")
    assert [size.name for size in choose("colo", inventory, wanted)] == ["b", "a", "big"]
    pinned = WantedSize(2, 4096, 20, "x86_64", machine_types=("big", "a"))
    assert [size.name for size in choose("colo", inventory, pinned)] == ["big", "a"]
    with pytest.raises(NoSizeFits, match="no x86_64 machine with 16 CPUs"):
        choose("colo", inventory, WantedSize(16, 4096, 20, "x86_64"))


def test_the_private_network_is_the_smallest_that_holds_all_addresses() -> None:
    def network(*addresses: str) -> str:
        machines = (
            InventoryMachine(f"m{n}", "198.51.100.1", address, "k", 1, 512, 20)
            for n, address in enumerate(addresses)
        )
        return Inventory(machines=tuple(machines)).private_network

    assert network("10.40.0.11") == "10.40.0.11/32"
    assert network("10.40.0.11", "10.40.0.14") == "10.40.0.8/29"
    assert network("10.40.0.11", "10.41.0.11") == "10.40.0.0/15"
