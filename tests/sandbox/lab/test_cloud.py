from dataclasses import replace

import pytest

from liferaft_sandbox.failures import SandboxFailed
from liferaft_sandbox.lab.cloud import Changes, compare
from liferaft_sandbox.lab.machines import Desired, Machine, PrivateNetwork, Rule

NETWORK = PrivateNetwork("net-1", "10.0.0.0/16")
EMPTY_NETWORK = PrivateNetwork("net-2", "10.1.0.0/16")
ONE = Machine("a", "net-1", "10.0.0.4", "192.0.2.100", "a", b"", True, ())
TWO = replace(ONE, id="b", private_address="10.0.0.5", public_address=None)


def desired(*machines: Machine) -> Desired:
    return Desired((NETWORK, EMPTY_NETWORK), machines)


def test_the_same_state_again_changes_nothing() -> None:
    assert compare({"a": ONE}, desired(ONE)) == Changes()


def test_a_network_is_opened_with_its_first_machine_and_closed_with_its_last() -> None:
    assert compare({}, desired(ONE)) == Changes(open=(NETWORK,), create=(ONE,))
    assert compare({"a": ONE, "b": TWO}, desired(TWO)) == Changes(remove=("a",))
    assert compare({"b": TWO}, desired()) == Changes(remove=("b",), close=("net-1",))


def test_switching_is_done_when_it_is_asked_for_and_not_again() -> None:
    off = replace(ONE, running=False)
    assert compare({"a": ONE}, desired(off)) == Changes(stop=("a",))
    assert compare({"a": off}, desired(off)) == Changes()
    assert compare({"a": off}, desired(ONE)) == Changes(start=("a",))


def test_addresses_and_rules_change_in_place() -> None:
    moved = replace(ONE, public_address=None, rules=(Rule("tcp", 22, 22, ("0.0.0.0/0",)),))
    assert compare({"a": ONE}, desired(moved)) == Changes()


def test_a_machine_cannot_become_another() -> None:
    with pytest.raises(SandboxFailed, match="cannot change"):
        compare({"a": ONE}, desired(replace(ONE, private_address="10.0.0.9")))


def test_a_machine_in_no_network_is_refused() -> None:
    with pytest.raises(SandboxFailed, match="not there"):
        compare({}, Desired((), (ONE,)))
