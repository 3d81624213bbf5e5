"""What a site looks like, said once for every cloud: plain data, no Pulumi.

Moves write it, the program reads it, and both compute the same private addresses from it, so that
configuration can be written before a server exists.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from ipaddress import IPv4Network
from typing import Annotated

from annotated_types import Gt, Len
from pydantic import ConfigDict, StringConstraints, TypeAdapter, ValidationError

from liferaft.clouds.kinds import KINDS, Architecture, BucketName, Cidr, Name, Rule
from liferaft.failures import BadInput

IP_RANGE = "10.20.0.0/16"
DISK = 20
"""GiB of a server's root disk, unless more is asked for."""
SUBNET_RANGE = "10.20.0.0/20"
_GROUP_PREFIX = 24
_FIRST_SERVER = 11
"""Addresses 1 to 10 of a group's block stay free: the clouds keep the first few for themselves."""
_MORE = r"^[0-9]{1,5}(-[0-9]{1,5})?/(tcp|udp)$"
_EVERYWHERE = ("0.0.0.0/0",)
_CHECKED = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class ServerGroup:
    """Equal servers that run the same things."""

    __pydantic_config__ = _CHECKED
    name: Name
    cpus: Annotated[int, Gt(0)]
    memory: Annotated[int, Gt(0)]
    """MiB."""
    count: Annotated[int, Gt(0)] = 1
    ports: tuple[Annotated[int, Gt(0)], ...] = ()
    """TCP ports that are open to the world, besides SSH."""
    architecture: Architecture = "x86_64"
    disk: Annotated[int, Gt(0)] = DISK
    """GiB."""
    machine_types: tuple[str, ...] = ()
    """Pinned, by the cloud's own names, in the order in which they are tried."""
    more_ports: tuple[Annotated[str, StringConstraints(pattern=_MORE)], ...] = ()
    """Others that are open to the world, as `2222/tcp` or `5000-5010/udp`."""


@dataclass(frozen=True)
class PlannedServer:
    name: str
    group: ServerGroup
    private_address: str
    """The wish; at a cloud without networks a machine keeps its own, which the outputs tell."""
    faces_users: bool
    """It answers at the site's reserved address."""


@dataclass(frozen=True)
class SiteDescription:
    """A site's servers and what surrounds them."""

    __pydantic_config__ = _CHECKED
    groups: Annotated[tuple[ServerGroup, ...], Len(1, 15)]
    """Each has a block of private addresses by its place: append new groups at the end."""
    ssh_public_key: str
    bucket: BucketName | None = None
    ssh_sources: Annotated[tuple[Cidr, ...], Len(min_length=1)] = _EVERYWHERE
    kinds: frozenset[str] = frozenset(KINDS)
    """What the cloud has. At one without firewalls the servers keep the rules themselves."""
    private_network: Cidr = IP_RANGE
    """Where servers reach each other; another one only where the machines are there already."""
    image_id: str | None = None
    """A machine image of ours that new servers boot from."""
    pilot_light: bool = False
    """Everything but the servers: network, firewalls, key, address and bucket wait for them."""

    def __post_init__(self) -> None:
        names = [group.name for group in self.groups]
        if len(set(names)) != len(names):
            raise ValueError("two groups have the same name")
        if not any(group.ports for group in self.groups):
            raise ValueError("no group has open ports, so nothing could answer users")

    @classmethod
    def from_json(cls, text: str) -> "SiteDescription":
        """Raises BadInput naming every fault at once."""
        try:
            return TypeAdapter(cls).validate_json(text)
        except ValidationError as error:
            faults = "; ".join(
                f"{'.'.join(str(part) for part in fault['loc']) or 'it'}: {fault['msg']}"
                for fault in error.errors(include_input=False, include_url=False)
            )
            raise BadInput(
                f"The site's description is not valid: {faults}",
                safe="Nothing was touched.",
                do="Correct it in the stack's configuration.",
            ) from None

    def to_json(self) -> str:
        """What `from_json` reads; the same text for the same description."""
        return json.dumps({**asdict(self), "kinds": sorted(self.kinds)}, sort_keys=True)

    def servers(self) -> Sequence[PlannedServer]:
        """Every server that is to run, with its name and private address, in order; pure.

        The first server of the first group with open ports faces the users. A pilot light has none.
        """
        if self.pilot_light:
            return ()
        blocks = list(IPv4Network(SUBNET_RANGE).subnets(new_prefix=_GROUP_PREFIX))
        entry = next(group for group in self.groups if group.ports)
        return [
            PlannedServer(
                name=f"{group.name}-{number + 1}",
                group=group,
                private_address=str(block[_FIRST_SERVER + number]),
                faces_users=group is entry and number == 0,
            )
            for block, group in zip(blocks[1:], self.groups, strict=False)
            for number in range(group.count)
        ]

    def rules(self, group: ServerGroup) -> Sequence[Rule]:
        """What may reach a server of the group: SSH, its ports, and its neighbours."""
        neighbours = (self.private_network,)
        return [
            Rule("tcp", self.ssh_sources, "22"),
            *(Rule("tcp", _EVERYWHERE, str(port)) for port in group.ports),
            *(_open(port) for port in group.more_ports),
            Rule("tcp", neighbours, "1-65535"),
            Rule("udp", neighbours, "1-65535"),
            Rule("icmp", neighbours),
        ]


def _open(port: str) -> Rule:
    numbers, _, protocol = port.partition("/")
    return Rule("udp" if protocol == "udp" else "tcp", _EVERYWHERE, numbers)
