"""Hosts in private networks whose packets are smaller than Ethernet's."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.sandbox.inside import (
    NETWORK,
    SSH_IN,
    Key,
    execute,
    machine,
    ssh,
)

from liferaft_sandbox.lab.machines import Desired, Rule
from liferaft_sandbox.sandboxes import Sandbox

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(900)]
SANDBOX = "narrow"
ADDRESS = "192.0.2.101"
DATAGRAMS = Rule("udp", 9, 9, ("0.0.0.0/0",))
LEARNS = f"""
import socket, time
line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
IP_MTU_DISCOVER, ALWAYS, IP_MTU = 10, 2, 14
line.setsockopt(socket.SOL_IP, IP_MTU_DISCOVER, ALWAYS)
line.connect(("{ADDRESS}", 9))
line.send(bytes(1472))
end = time.monotonic() + 20
while line.getsockopt(socket.SOL_IP, IP_MTU) == 1500 and time.monotonic() < end:
    time.sleep(0.05)
print(line.getsockopt(socket.SOL_IP, IP_MTU))
"""
"""Sends a packet of 1500 bytes that may not be cut, and says what fits by the answer."""


def test_a_host_has_its_networks_mtu_tcp_keeps_to_it_and_larger_packets_are_refused(
    sandbox: Sandbox, home: Path, key: Key
) -> None:
    narrow = replace(NETWORK, mtu=1450)
    sandbox.supervisor.reconcile("aws", Desired((narrow,), (machine(key, 1, SSH_IN, DATAGRAMS),)))

    def at_host(command: str) -> str:
        return ssh(home, "narrow", key, ADDRESS, command)

    assert at_host("cat /sys/class/net/host0/mtu") == "1450"
    assert len(at_host("head -c 1000000 /dev/zero | tr '\\0' x")) == 1_000_000
    assert at_host(f"printf %s {'x' * 100_000} | wc -c") == "100000"
    learned = execute(home, "narrow", "operator", sys.executable, "-c", LEARNS)
    assert (learned.stdout, learned.stderr) == ("1450\n", "")
