"""What the gate's program reads of the kernel, and tells it: by the machine's own nft, in a network
namespace of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

from liferaft.hosts.isolation.allowed import Allowed
from liferaft.hosts.isolation.ruleset import TABLE, ruleset

pytestmark = pytest.mark.sandbox
INFRA = Path(__file__).parents[4] / "infra"
BEFORE = f"""
import subprocess, sys
sys.path.insert(0, {str(INFRA)!r})
from liferaft.hosts.isolation.gatekeeping import kernel
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
subprocess.run("ip link add out type veth peer name there".split(), check=True)
subprocess.run("ip link set there up".split(), check=True)
subprocess.run(["ip", "address", "add", "192.0.2.1/24", "dev", "out"], check=True)
subprocess.run(["ip", "link", "set", "out", "up"], check=True)
"""


def inside(script: str, rules: str = "") -> str:
    argv = ["unshare", "--net", sys.executable, "-c", BEFORE + script]
    done = subprocess.run(argv, input=rules, text=True, check=True, capture_output=True)
    return done.stdout


def test_a_call_is_turned_away_once_by_user_with_protocol_address_and_port() -> None:
    script = f"""
import socket
subprocess.run(["nft", "-f", "-"], check=True)
calling = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
try:
    calling.sendto(b"hello", ("192.0.2.9", 514))
except PermissionError:
    print("denied")
for turned, count in kernel.turned_away({TABLE!r}).items():
    print(turned.protocol, turned.address, turned.port, count)
"""
    said = inside(script, ruleset(Allowed((), (), {}), []))
    assert said.split("\n")[:2] == ["denied", "udp 192.0.2.9 514 1"]


def test_what_is_let_through_may_be_called_at_its_ports_and_at_any_where_none_is_told() -> None:
    script = f"""
import socket
subprocess.run(["nft", "-f", "-"], check=True)
calling = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
kernel.let_through({TABLE!r}, ["192.0.2.9", "2001:db8::9"], [443, 8443])
kernel.let_through({TABLE!r}, ["192.0.2.9"], [443])
kernel.let_through({TABLE!r}, ["192.0.2.8"], None)
for address, port in (("192.0.2.9", 443), ("192.0.2.9", 80), ("192.0.2.8", 80)):
    try:
        calling.sendto(b"hello", (address, port))
        print("let")
    except PermissionError:
        print("denied")
"""
    said = inside(script, ruleset(Allowed((), (), {}), []))
    assert said.split() == ["let", "denied", "let"]


def test_a_host_that_was_never_shut_turns_nothing_away_and_says_so() -> None:
    script = f"""
try:
    kernel.turned_away({TABLE!r})
except kernel.NoGate:
    print("no gate")
"""
    assert inside(script).strip() == "no gate"
