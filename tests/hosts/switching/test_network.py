"""Packets of containers fit through the devices of their server, with real podman."""

from pathlib import Path
from typing import Any

import pytest
from tests.hosts.services import PATIENCE, saying

from liferaft.hosts import running
from liferaft.hosts.switching.network import smallest
from liferaft.hosts.workload import Workload

ROUTES = """\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
enp7s0\t0000000A\t0100000A\t0003\t0\t0\t0\t0000FFFF\t0\t0\t0
podman1\t0000590A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
"""
FAR = "203.0.113.2"
PATH = f"""
mkdir -p /run/netns
for place in way far; do ip netns add $place; ip -n $place link set lo up; done
ip link add eth0 mtu 1450 type veth peer name near mtu 1450 netns way
ip -n way link add out type veth peer name eth0 netns far
ip address add 10.0.0.2/24 dev eth0 && ip link set eth0 up
ip -n way address add 10.0.0.1/24 dev near && ip -n way link set near up
ip -n way address add 203.0.113.1/24 dev out && ip -n way link set out up
ip -n far address add {FAR}/24 dev eth0 && ip -n far link set eth0 up
ip route add default via 10.0.0.1
ip -n far route add default via 203.0.113.1
ip netns exec way sysctl -qw net.ipv4.ip_forward=1
sysctl -qw net.ipv4.ip_forward=1
# Nobody tells a sender that its packets are too large: path MTU discovery fails.
ip netns exec way iptables -A OUTPUT -p icmp --icmp-type fragmentation-needed -j DROP
"""
BODY = 1_000_000
SERVER = f"""
import socket
door = socket.create_server(("{FAR}", 8000))
while True:
    line, _ = door.accept()
    body = line.makefile("rb").read({BODY})
    line.sendall(body)
    line.close()
"""
CLIENT = f"""
import socket
line = socket.create_connection(("{FAR}", 8000), 20)
line.sendall(bytes({BODY}))
print(len(line.makefile("rb").read()))
"""
"""A body of a million bytes goes there and comes back."""


def devices(folder: Path, **mtus: int) -> Path:
    for name, mtu in mtus.items():
        (folder / name).mkdir()
        (folder / name / "mtu").write_text(f"{mtu}\n")
    return folder


def found(folder: Path, **mtus: int) -> int:
    routes = folder / "route"
    routes.write_text(ROUTES)
    return smallest(routes, devices(folder, **mtus))


def test_the_device_that_takes_the_smallest_packets_counts_and_containers_bridges_do_not(
    tmp_path: Path,
) -> None:
    assert found(tmp_path, lo=65536, eth0=1500, enp7s0=1450, podman1=1280, unused=1280) == 1450


def test_packets_are_never_larger_than_what_the_internet_takes(tmp_path: Path) -> None:
    assert found(tmp_path, eth0=9001, enp7s0=9001) == 1500


def test_a_device_that_went_while_its_route_was_read_counts_for_nothing(tmp_path: Path) -> None:
    assert found(tmp_path, eth0=1460) == 1460


async def in_container(host: Any, script: str) -> str:
    """In the container's network, with a program of the server: its image has a shell alone."""
    pid = "$(podman inspect --format '{{.State.Pid}}' app_web_1)"
    return str((await host.run(["sh", "-c", f"nsenter -t {pid} -n {script}"])).text)


async def mtu(host: Any) -> int:
    said = await in_container(host, "ip -o link show eth0")
    return int(said.partition(" mtu ")[2].split()[0])


async def network(host: Any) -> str:
    return str((await host.run("podman network inspect app_default --format '{{.ID}}'")).text)


async def bring_up(host: Any, word: str) -> None:
    await running.bring_up(host, Workload(saying(word), {}), seconds=PATIENCE)


@pytest.mark.sandbox
@pytest.mark.timeout(300)
async def test_a_large_body_goes_both_ways_where_nobody_hears_that_packets_are_too_large(
    container_host: Any,
) -> None:
    await container_host.run(PATH)
    await bring_up(container_host, "new")
    assert await mtu(container_host) == 1450
    await container_host.run(
        ["sh", "-c", f"ip netns exec far python3 -c '{SERVER}' >/dev/null 2>&1 &"]
    )
    asked = f"timeout 60 python3 -c '{CLIENT}'"
    assert await in_container(container_host, asked) == str(BODY)


@pytest.mark.sandbox
@pytest.mark.timeout(300)
async def test_a_network_is_made_anew_once_for_smaller_packets_and_never_for_larger_ones(
    container_host: Any,
) -> None:
    """A device may come late, and an app that was there before us has a network of 1500."""
    await bring_up(container_host, "old")
    assert await mtu(container_host) == 1500
    await container_host.run(PATH)
    await bring_up(container_host, "new")
    assert await mtu(container_host) == 1450
    made = await network(container_host)
    await container_host.run(["ip", "link", "set", "eth0", "mtu", "1500"])
    await bring_up(container_host, "newer")
    assert (await mtu(container_host), await network(container_host)) == (1450, made)


@pytest.mark.sandbox
@pytest.mark.timeout(300)
async def test_a_network_that_another_container_uses_stays_and_the_app_comes_up(
    container_host: Any,
) -> None:
    await bring_up(container_host, "old")
    other = "podman run --detach --name other --network app_default localhost/shell:1"
    await container_host.run(f"{other} /bin/sleep 1000")
    await container_host.run(PATH)
    await bring_up(container_host, "new")
    assert await mtu(container_host) == 1500
    await container_host.run(["podman", "rm", "--force", "--time", "0", "other"])
    await bring_up(container_host, "newer")
    assert await mtu(container_host) == 1450
