"""What one project holds: plain records, and the questions that several collections ask."""

from __future__ import annotations

import ipaddress
import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from liferaft_sandbox.clouds.hetzner.actions import Actions
from liferaft_sandbox.clouds.hetzner.catalogue import SYSTEM_IMAGES
from liferaft_sandbox.clouds.hetzner.errors import ApiError, no_such_reference, not_unique
from liferaft_sandbox.clouds.hetzner.listing import selects
from liferaft_sandbox.lab.systems import SYSTEMS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liferaft_sandbox.clouds.standing import Standing

FIRST_ADDRESS = ipaddress.IPv4Address("198.51.100.100")
LAST_ADDRESS = ipaddress.IPv4Address("198.51.100.254")


def now() -> str:
    """The time as the API writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(kw_only=True)
class Resource:
    """What every resource has; `name` is unique among its kind."""

    id: int
    name: str
    labels: dict[str, str] = field(default_factory=dict)
    created: str = field(default_factory=now)
    delete_protected: bool = False


@dataclass(kw_only=True)
class SshKey(Resource):
    public_key: str
    fingerprint: str


@dataclass(kw_only=True)
class PrimaryIp(Resource):
    ip: str
    type: Literal["ipv4", "ipv6"]
    location: dict[str, Any]
    assignee: int | None = None
    auto_delete: bool = False
    names: dict[str, str] = field(default_factory=dict)
    """Reverse DNS entries that were set, by address. Nobody in the sandbox serves them."""

    @property
    def reverse(self) -> dict[str, str]:
        """All reverse DNS entries: an IPv4 address has one from the start."""
        first = {self.ip: f"static.{self.ip}.clients.your-server.de"}
        return (first if self.type == "ipv4" else {}) | self.names


@dataclass(kw_only=True)
class Network(Resource):
    ip_range: str
    subnets: list[dict[str, Any]] = field(default_factory=list)
    routes: list[dict[str, Any]] = field(default_factory=list)
    expose_routes_to_vswitch: bool = False

    @property
    def gateway(self) -> str:
        """The first address of the range, which no server gets."""
        return str(ipaddress.ip_network(self.ip_range)[1])


@dataclass(kw_only=True)
class Firewall(Resource):
    rules: list[dict[str, Any]] = field(default_factory=list)
    servers: set[int] = field(default_factory=set)
    selectors: list[str] = field(default_factory=list)


@dataclass(kw_only=True)
class Volume(Resource):
    size: int
    location: dict[str, Any]
    server: int | None = None
    format: str | None = None


@dataclass(kw_only=True)
class Image(Resource):
    """A system image, or a snapshot of a server; a snapshot's name is empty, and shown as none."""

    type: Literal["system", "snapshot"]
    description: str
    architecture: str
    os_flavor: str
    os_version: str
    disk_size: float
    created_from: dict[str, Any] | None = None
    machine: str = ""
    """The machine whose disk it keeps; none if that server was never started, so that its disk
    is still that of `base`."""
    base: str = ""

    @property
    def boots(self) -> str:
        """The sandbox's image that a server made from this one starts from."""
        return f"image-{self.id}" if self.machine else self.base


@dataclass(frozen=True)
class Attachment:
    """A server's place in a network."""

    network: int
    ip: str


@dataclass(kw_only=True)
class Server(Resource):
    server_type: dict[str, Any]
    disk: int
    """GB of the root disk; a larger type need not make it larger."""
    image: dict[str, Any]
    boots: str
    location: dict[str, Any]
    user_data: str
    authorized_keys: tuple[str, ...]
    attachment: Attachment | None = None
    wanted_on: bool = False
    ever_on: bool = False
    rebuilding: bool = False


def machine_id(server: Server) -> str:
    """The server's name between control plane and supervisor."""
    return f"server-{server.id}"


R = TypeVar("R", bound=Resource)


class State:
    """Everything in the project. Callers hold a lock."""

    def __init__(self, standing: Standing) -> None:
        self.standing = standing
        self._ids = itertools.count(4711001)
        self._address = LAST_ADDRESS
        self.actions = Actions(self.next_id)
        self.ssh_keys: dict[int, SshKey] = {}
        self.primary_ips: dict[int, PrimaryIp] = {}
        self.networks: dict[int, Network] = {}
        self.firewalls: dict[int, Firewall] = {}
        self.volumes: dict[int, Volume] = {}
        self.images = {
            row["id"]: Image(
                type="system", **row, base=row["name"] if row["name"] in SYSTEMS else ""
            )
            for row in SYSTEM_IMAGES
        }
        self.servers: dict[int, Server] = {}
        self.machines: Mapping[str, str] = {}
        """The supervisor's word on each machine, as of this request."""

    def next_id(self) -> int:
        return next(self._ids)

    def machine(self, server: Server) -> str | None:
        return self.machines.get(machine_id(server))

    def volumes_of(self, server: Server) -> list[Volume]:
        return [volume for volume in self.volumes.values() if volume.server == server.id]

    def free_address(self) -> str:
        """A public IPv4 address; freed ones are not handed out again at once."""
        taken = {item.ip for item in self.primary_ips.values()}
        candidate = self._address
        for _ in range(int(LAST_ADDRESS) - int(FIRST_ADDRESS) + 1):
            candidate = FIRST_ADDRESS if candidate == LAST_ADDRESS else candidate + 1
            if str(candidate) not in taken:
                self._address = candidate
                return str(candidate)
        raise ApiError(403, "resource_limit_exceeded", "primary IP limit exceeded")

    def addresses_of(self, server: Server) -> dict[str, PrimaryIp]:
        """The server's primary IPs by their type."""
        return {ip.type: ip for ip in self.primary_ips.values() if ip.assignee == server.id}

    def firewalls_of(self, server: Server) -> list[Firewall]:
        """Applied directly or through a label selector."""
        return [
            firewall
            for firewall in self.firewalls.values()
            if server.id in firewall.servers
            or any(selects(selector, server.labels) for selector in firewall.selectors)
        ]

    def members(self, network: Network) -> list[Server]:
        return [
            server
            for server in self.servers.values()
            if server.attachment and server.attachment.network == network.id
        ]


def find(resources: Mapping[int, R], key: int | str, *, field: str, kind: str) -> R:
    """What a body's field refers to, by id or name; invalid_input when there is no such thing."""
    for resource in resources.values():
        if str(key) in {str(resource.id), resource.name}:
            return resource
    raise no_such_reference(field, kind, key)


def refuse_used_name(resources: Mapping[int, R], name: str, kind: str) -> None:
    """uniqueness_error when something of this kind has the name."""
    if any(resource.name == name for resource in resources.values()):
        raise not_unique("name", kind)
