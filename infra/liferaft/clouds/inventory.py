"""What somebody else provides, written down in the configuration: machines, and an object store.

It holds no secrets: it travels as plain configuration of the provider.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from ipaddress import IPv4Address, IPv4Network

from pydantic import ConfigDict, TypeAdapter

from liferaft.clouds.kinds import Architecture, Id, Ipv4, Name

_CHECKED = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class InventoryMachine:
    """A machine with SSH that is ours to use whole."""

    __pydantic_config__ = _CHECKED
    name: Name
    address: Ipv4
    """Public: users and operators reach it there."""
    private_address: Ipv4
    """The other machines of the inventory reach it there."""
    host_key: Id
    """Its public SSH host key, one line, learnt on a safe way."""
    cpus: int
    memory: int
    """MiB."""
    disk: int
    """GiB."""
    architecture: Architecture = "x86_64"
    port: int = 22
    """Where its SSH server listens."""


@dataclass(frozen=True)
class ObjectStore:
    """Any S3 endpoint."""

    __pydantic_config__ = _CHECKED
    endpoint: Id
    region: Id = "us-east-1"


@dataclass(frozen=True)
class Inventory:
    """`login` may become root by sudo without a password, or is root."""

    __pydantic_config__ = _CHECKED
    login: Id = "root"
    machines: tuple[InventoryMachine, ...] = ()
    objects: ObjectStore | None = None
    entries: tuple[Id, ...] = ()
    """Machines that users may be led to, in order of preference: an address is reserved before it
    is known what the server behind it needs. Empty: any."""

    def machine(self, name: str) -> InventoryMachine | None:
        """None for a machine that was taken out."""
        return next((machine for machine in self.machines if machine.name == name), None)

    @property
    def private_network(self) -> str:
        """The smallest network that holds all private addresses, as a CIDR."""
        return smallest_network(machine.private_address for machine in self.machines)

    def to_json(self) -> str:
        """The same text for the same inventory."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "Inventory":
        """The inverse. Raises pydantic's ValidationError."""
        return TypeAdapter(cls).validate_json(text)


def smallest_network(addresses: Iterable[str]) -> str:
    """The smallest network that holds all of these, as a CIDR; there is at least one."""
    known = [IPv4Address(address) for address in addresses]
    network = IPv4Network(known[0])
    while any(address not in network for address in known):
        network = network.supernet()
    return str(network)
