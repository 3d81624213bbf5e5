"""The things that every cloud is asked for, in words that belong to none of them.

A Spec is what is wanted, Facts are what is there. A change to a Spec's field needs a new thing,
unless the kind's row at the end of this file lists the field. Fields of a Spec and its Facts that
share a name mean the same thing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from ipaddress import IPv4Address, IPv4Network
from types import MappingProxyType
from typing import Annotated, Any, Generic, Literal, TypeVar

from annotated_types import Gt, Len
from pydantic import AfterValidator, ConfigDict, StringConstraints

from liferaft.clouds.systems import DEFAULT_SYSTEM, System

_CHECKED = ConfigDict(extra="forbid")

LARGEST_USER_DATA = 16 * 1024
"""Bytes. EC2's limit, the smallest of all, so that one program fits every cloud.
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html"""


def _a_network(text: str) -> str:
    return str(IPv4Network(text))


def _an_address(text: str) -> str:
    return str(IPv4Address(text))


def _short_enough(text: str) -> str:
    if len(text.encode()) > LARGEST_USER_DATA:
        raise ValueError(f"is longer than {LARGEST_USER_DATA} bytes")
    return text


Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?$")]
"""A DNS label, short enough to stand behind app and site in a cloud's own name."""
BucketName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
Cidr = Annotated[str, AfterValidator(_a_network)]
Ipv4 = Annotated[str, AfterValidator(_an_address)]
Id = Annotated[str, Len(min_length=1)]
Ports = Annotated[str, StringConstraints(pattern=r"^([0-9]{1,5}(-[0-9]{1,5})?)?$")]
Architecture = Literal["x86_64", "arm64"]


@dataclass(frozen=True)
class NetworkSpec:
    __pydantic_config__ = _CHECKED
    name: Name
    ip_range: Cidr = "10.20.0.0/16"
    subnet_range: Cidr = "10.20.1.0/24"
    """Where servers live. Its first four addresses and the last belong to the clouds."""


@dataclass(frozen=True)
class NetworkFacts:
    id: str
    ip_range: str
    subnet_range: str


@dataclass(frozen=True)
class Rule:
    """One kind of traffic that may come in; everything else is dropped, all may go out."""

    __pydantic_config__ = _CHECKED
    protocol: Literal["tcp", "udp", "icmp"]
    sources: Annotated[tuple[Cidr, ...], Len(min_length=1)]
    ports: Ports = ""
    """`22` or `8000-8100`; empty for icmp."""

    def __post_init__(self) -> None:
        if (self.protocol == "icmp") == bool(self.ports):
            raise ValueError("tcp and udp need ports, icmp has none")


@dataclass(frozen=True)
class FirewallSpec:
    __pydantic_config__ = _CHECKED
    name: Name
    network_id: Id
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class FirewallFacts:
    id: str


@dataclass(frozen=True)
class SshKeySpec:
    __pydantic_config__ = _CHECKED
    name: Name
    public_key: Annotated[str, StringConstraints(pattern=r"^(ssh|ecdsa)-\S+ \S+")]


@dataclass(frozen=True)
class SshKeyFacts:
    id: str


@dataclass(frozen=True)
class AddressSpec:
    __pydantic_config__ = _CHECKED
    name: Name


@dataclass(frozen=True)
class AddressFacts:
    """A public IPv4 address that outlives the server behind it."""

    id: str
    address: str


@dataclass(frozen=True)
class ServerSpec:
    __pydantic_config__ = _CHECKED
    name: Name
    cpus: Annotated[int, Gt(0)]
    memory: Annotated[int, Gt(0)]
    """MiB."""
    user_data: Annotated[str, AfterValidator(_short_enough)] = field(
        repr=False, metadata={"secret": True}
    )
    """Carries a throw-away host key: never shown, never compared in the open."""
    network_id: Id | None = None
    """Needed where the cloud has networks; the same holds for firewall and key."""
    firewall_id: Id | None = None
    ssh_key_id: Id | None = None
    private_address: Ipv4 | None = None
    """The wish; a cloud that had to go to another zone gives one that the facts tell."""
    address_id: str | None = None
    """The reserved address this server answers at; without one it gets an address of its own."""
    architecture: Architecture = "x86_64"
    disk: Annotated[int, Gt(0)] = 20
    """GiB of the root disk, at least."""
    machine_types: tuple[str, ...] = ()
    """Types of this cloud to try, in this order; without any those that fit, the cheapest first."""
    image_id: str | None = None
    """A machine image of ours to boot from; without one the cloud's own Debian."""
    rules: tuple[Rule, ...] = ()
    """What may come in, at a cloud that has no firewalls: the server keeps them itself."""
    system: System | None = None
    """Which Debian it runs; without one that of the stack, or of new applications."""

    @property
    def runs(self) -> System:
        return self.system or DEFAULT_SYSTEM


@dataclass(frozen=True)
class ServerFacts:
    id: str
    private_address: str
    public_address: str
    chosen_type: str
    zone: str = ""
    """Where in the region it runs; empty at clouds without zones."""


@dataclass(frozen=True)
class VolumeSpec:
    __pydantic_config__ = _CHECKED
    name: Name
    size: Annotated[int, Gt(0)]
    """GiB; it can grow, never shrink."""
    server_id: Id
    """Where it is attached. It outlives that server and can be attached to the next one."""


@dataclass(frozen=True)
class VolumeFacts:
    """A block volume, attached and unformatted when it is new."""

    id: str
    device: str
    """A path on its server that stays the same over reboots, such as /dev/disk/by-id/…"""


@dataclass(frozen=True)
class MachineImageSpec:
    __pydantic_config__ = _CHECKED
    name: Name
    server_id: Id
    """The stopped or running server whose root disk is kept."""


@dataclass(frozen=True)
class MachineImageFacts:
    """What `ServerSpec.image_id` names."""

    id: str


@dataclass(frozen=True)
class BucketSpec:
    __pydantic_config__ = _CHECKED
    name: BucketName
    """Shared with the whole world at some clouds."""


@dataclass(frozen=True)
class BucketFacts:
    id: str
    name: str
    endpoint: str
    region: str


SpecT = TypeVar("SpecT")
FactsT = TypeVar("FactsT")


@dataclass(frozen=True)
class ResourceKind(Generic[SpecT, FactsT]):
    name: str
    spec: type[SpecT]
    facts: type[FactsT]
    updatable: frozenset[str] = frozenset()
    """Fields that change in place, where the cloud has the ability; any other change needs a new
    thing."""
    at_birth: frozenset[str] = frozenset()
    """Fields that matter only while it is created: a later change is no difference."""

    def secrets(self) -> frozenset[str]:
        return frozenset(f.name for f in fields(self.spec) if f.metadata.get("secret"))  # type: ignore[arg-type]  # specs are dataclasses

    def facts_alone(self) -> frozenset[str]:
        """Names that only the cloud can fill in."""
        wanted = {f.name for f in fields(self.spec)}  # type: ignore[arg-type]  # as above
        return frozenset(
            f.name
            for f in fields(self.facts)  # type: ignore[arg-type]  # as above
            if f.name not in wanted and f.name != "id"
        )


NETWORK = ResourceKind("network", NetworkSpec, NetworkFacts)
_SIZE = frozenset({"cpus", "memory", "machine_types"})

FIREWALL = ResourceKind("firewall", FirewallSpec, FirewallFacts, updatable=frozenset({"rules"}))
SSH_KEY = ResourceKind("ssh_key", SshKeySpec, SshKeyFacts)
ADDRESS = ResourceKind("address", AddressSpec, AddressFacts)
SERVER = ResourceKind(
    *("server", ServerSpec, ServerFacts),
    updatable=_SIZE | {"rules"},
    at_birth=frozenset({"user_data", "image_id", "system"}),
)
VOLUME = ResourceKind("volume", VolumeSpec, VolumeFacts, updatable=frozenset({"size", "server_id"}))
MACHINE_IMAGE = ResourceKind(
    *("machine_image", MachineImageSpec, MachineImageFacts), at_birth=frozenset({"server_id"})
)
BUCKET = ResourceKind("bucket", BucketSpec, BucketFacts)

KINDS: Mapping[str, ResourceKind[Any, Any]] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            NETWORK,
            FIREWALL,
            SSH_KEY,
            ADDRESS,
            SERVER,
            VOLUME,
            MACHINE_IMAGE,
            BUCKET,
        )
    }
)
