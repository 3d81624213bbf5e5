"""The kernel's side of waking is tried in test_sandboxes."""

import struct
from ipaddress import IPv4Address

from liferaft_sandbox.addresses import PLACES
from liferaft_sandbox.lab.asleep import INSTRUCTION, gate_rules, packets_for


def test_the_filter_compares_the_destination_and_nothing_else() -> None:
    program = packets_for(IPv4Address("198.18.40.101"))
    operands = [value for *_, value in struct.iter_unpack("HBBI", program)]
    assert operands.count(0xC6122865) == 1
    assert len(program) == 6 * INSTRUCTION


def test_what_sleeps_can_be_probed_from_the_router_alone() -> None:
    rule = 'iifname "eth0" ct state new ip saddr != 100.64.7.1 ip daddr @addresses drop'
    assert rule in gate_rules(PLACES["colo"])
