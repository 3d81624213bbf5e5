"""Which machines should exist, read off the whole project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from liferaft_sandbox.clouds.hetzner.firewalls import ipv4_only, ports
from liferaft_sandbox.clouds.hetzner.state import machine_id
from liferaft_sandbox.lab.machines import (
    Attached,
    Desired,
    Disk,
    Image,
    Machine,
    PrivateNetwork,
    Rule,
)

if TYPE_CHECKING:
    from liferaft_sandbox.clouds.hetzner.state import Server, State, Volume

_EVERYBODY = (Rule("all", 0, 65535, ("0.0.0.0/0",)),)
_MTU = 1450
"""Of private networks: a server's device in one takes no larger packets, its public one takes 1500.
The one device of a machine of the sandbox is both.
https://docs.hetzner.com/cloud/networks/technical-concepts/architecture
"""
_ALONE = "172.31.255.0/29"
_ALONE_ADDRESS = "172.31.255.2"


def desired(state: State) -> Desired:
    """Networks, volumes, snapshots, and every server from its first start on.

    A machine needs some network; a server without one gets a network of its own.
    """
    servers = [server for server in state.servers.values() if server.ever_on]
    return Desired(
        networks=(
            *(
                PrivateNetwork(str(network.id), network.ip_range, _MTU)
                for network in state.networks.values()
            ),
            *(
                PrivateNetwork(machine_id(server), _ALONE)
                for server in servers
                if server.attachment is None
            ),
        ),
        machines=tuple(_machine(state, server) for server in servers),
        disks=tuple(Disk(_disk(volume), volume.size) for volume in state.volumes.values()),
        images=tuple(
            Image(image.boots, image.machine) for image in state.images.values() if image.machine
        ),
    )


def _machine(state: State, server: Server) -> Machine:
    address = state.addresses_of(server).get("ipv4")
    place = server.attachment
    return Machine(
        id=machine_id(server),
        network=str(place.network) if place else machine_id(server),
        private_address=place.ip if place else _ALONE_ADDRESS,
        public_address=address.ip if address else None,
        hostname=server.name,
        user_data=server.user_data.encode(),
        running=server.wanted_on,
        rules=_rules(state, server),
        authorized_keys=server.authorized_keys,
        image=server.boots,
        disks=tuple(
            Attached(_disk(volume), volume_link(volume)) for volume in state.volumes_of(server)
        ),
    )


def volume_link(volume: Volume) -> str:
    """Its name in /dev/disk/by-id. https://docs.hetzner.com/cloud/volumes/faq/"""
    return f"scsi-0HC_Volume_{volume.id}"


def _disk(volume: Volume) -> str:
    return f"volume-{volume.id}"


def _rules(state: State, server: Server) -> tuple[Rule, ...]:
    """No firewall lets everybody in; firewalls together let in what any of them does.

    Outbound rules are kept and shown, not enforced. ESP and GRE do not exist in the sandbox.
    """
    firewalls = state.firewalls_of(server)
    if not firewalls:
        return _EVERYBODY
    rules = []
    for rule in (rule for firewall in firewalls for rule in firewall.rules):
        sources = ipv4_only(rule["source_ips"])
        if rule["direction"] == "in" and rule["protocol"] in {"tcp", "udp", "icmp"} and sources:
            first, last = ports(rule["port"] or "any") or (0, 0)
            rules.append(Rule(rule["protocol"], first, last, sources))
    return tuple(rules)
