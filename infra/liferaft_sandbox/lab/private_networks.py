"""Private networks of the clouds: a namespace with a bridge each, behind the cloud's own."""

import hashlib
import itertools
from collections.abc import Iterable
from ipaddress import IPv4Network, ip_network

from liferaft_sandbox.addresses import uplink
from liferaft_sandbox.failures import SandboxFailed
from liferaft_sandbox.lab.gateway import INSIDE, OUTSIDE, gateway_rules
from liferaft_sandbox.lab.machines import Machine, PrivateNetwork
from liferaft_sandbox.lab.programs import run, within

_numbers = itertools.count()


class Gateway:
    """One private network that exists, and the public addresses that are routed to it."""

    def __init__(self, cloud: str, network: PrivateNetwork) -> None:
        """Build the namespace, its bridge with the network's first address, and the uplink."""
        cidr = ip_network(network.cidr)
        if not isinstance(cidr, IPv4Network):
            raise SandboxFailed(f"Private network {network.id} is not IPv4: {network.cidr}.")
        number = next(_numbers)
        link = uplink(number)
        self.namespace = f"{cloud}-{hashlib.sha256(network.id.encode()).hexdigest()[:10]}"
        self.cidr = cidr
        self.mtu = network.mtu
        self._cloud = cloud
        self._wire = f"net{number}"
        self._via = str(link[2])
        self._routed: frozenset[str] = frozenset()
        self._rules = ""
        run("ip", "netns", "add", self.namespace)
        inside, outside = ("ip", "-n", self.namespace), ("ip", "-n", cloud)
        run(*inside, "link", "set", "lo", "up")
        run(*inside, "link", "add", INSIDE, "type", "bridge")
        run(*inside, "address", "add", f"{cidr[1]}/{cidr.prefixlen}", "dev", INSIDE)
        # Set by hand it stays so, whatever the MTU of the machines' links.
        run(*inside, "link", "set", INSIDE, "mtu", str(network.mtu), "up")
        run(
            *(*outside, "link", "add", self._wire, "type", "veth"),
            *("peer", "name", OUTSIDE, "netns", self.namespace),
        )
        run(*outside, "address", "add", f"{link[1]}/30", "dev", self._wire)
        run(*outside, "link", "set", self._wire, "up")
        run(*inside, "address", "add", f"{link[2]}/30", "dev", OUTSIDE)
        run(*inside, "link", "set", OUTSIDE, "up")
        run(*inside, "route", "add", "default", "via", str(link[1]))
        # Inside a network everything is allowed, so bridged packets skip the rules.
        settings = ["net.ipv4.ip_forward=1", "-e", "net.bridge.bridge-nf-call-iptables=0"]
        run(*within(self.namespace, "sysctl", "-q", "-w", *settings))

    def admit(self, machines: Iterable[Machine]) -> None:
        """Make public addresses and rules be those of `machines`, all of this network's."""
        present = list(machines)
        wanted = frozenset(m.public_address for m in present if m.public_address)
        rules = gateway_rules(present)
        if rules != self._rules:
            run(*within(self.namespace, "nft", "-f", "-"), given=rules)
            self._rules = rules
        for address in sorted(self._routed - wanted):
            self._route("delete", address)
        for address in sorted(wanted - self._routed):
            self._route("replace", address)
        self._routed = wanted

    def _route(self, change: str, address: str) -> None:
        hop = ("via", self._via, "dev", self._wire)
        run("ip", "-n", self._cloud, "route", change, f"{address}/32", *hop)

    def remove(self) -> None:
        """Take the namespace away, and the link and its routes with it."""
        run("ip", "-n", self._cloud, "link", "delete", self._wire)
        run("ip", "netns", "delete", self.namespace)
