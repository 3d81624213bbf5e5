"""What services of a Compose file say about each other, and about what else is on their server."""

import ipaddress
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from liferaft.compose.findings import ComposeFinding
from liferaft.compose.node import YamlNode
from liferaft.compose.service import MountKind, Service
from liferaft.compose.values import PORT, shown

APP_PORT: Final = 8080
"""Where Caddy looks for the application, on the server's loopback or at all of its addresses."""
DATABASE_PORT: Final = 5432
_ANY: Final = ipaddress.IPv4Address("0.0.0.0")  # noqa: S104 - compared, nothing listens there
_CADDYS: Final = ipaddress.IPv4Address("127.0.0.1")
OURS: Final = {
    (22, "tcp"): "the server's own SSH",
    (80, "tcp"): "Caddy, which has the certificates",
    (443, "tcp"): "Caddy, which has the certificates",
    (443, "udp"): "Caddy, which has the certificates",
    (2019, "tcp"): "Caddy's own commands",
}
"""What of a server has its ports: SSH everywhere, Caddy where users are led."""


@dataclass(frozen=True)
class Published:
    """One port of a server: connections to it end in a container."""

    text: str
    address: ipaddress.IPv4Address
    port: int
    protocol: str

    @classmethod
    def of(cls, text: str) -> "Published":
        """Of an accepted entry under `ports`."""
        match = PORT.fullmatch(text)
        if match is None:
            raise ValueError(text)
        address = ipaddress.IPv4Address(match["address"] or _ANY)
        return cls(text, address, int(match["host"]), match["protocol"] or "tcp")

    def meets(self, other: "Published") -> bool:
        """Whether a connection could be for both."""
        same = (self.port, self.protocol) == (other.port, other.protocol)
        return same and (self.address == other.address or _ANY in (self.address, other.address))

    @property
    def is_the_apps(self) -> bool:
        """Whether Caddy finds it."""
        reached = self.address in (_ANY, _CADDYS)
        return reached and (self.port, self.protocol) == (APP_PORT, "tcp")


def of_service(
    name: str,
    nodes: Mapping[str, YamlNode],
    service: Service,
    volumes: Collection[str],
    optional: Collection[str],
) -> Iterator[ComposeFinding]:
    """Ports, mounts and names of one service. nodes, volumes: services and volumes of the file;
    optional: services that need not be there."""
    node = nodes[name]
    place = f"services.{shown(name)[1:-1]}"
    yield from _ports(node.at(["ports"]), f"{place}.ports", service)
    targets: set[str] = set()
    for mount in service.volumes:
        if mount.target in targets:
            reason = f"{mount.target} is mounted twice"
            valid = "one mount for each path"
            yield node.at(["volumes"]).found(f"{place}.volumes", reason, valid)
        targets.add(mount.target)
        is_named = mount.kind is MountKind.VOLUME and mount.written == mount.source
        if is_named and mount.source not in volumes:
            reason = f"{mount.source!r} is not declared"
            valid = f"{mount.source}: under volumes"
            yield node.at(["volumes"]).found(f"{place}.volumes", reason, valid)
    for other in service.depends_on:
        if other == name or (other not in nodes and other not in optional):
            reason = f"{other!r} is not another service"
            at = node.at(["depends_on", other])
            yield at.found(f"{place}.depends_on", reason, ", ".join(nodes))


def _ports(node: YamlNode, place: str, service: Service) -> Iterator[ComposeFinding]:
    seen: defaultdict[int, list[Published]] = defaultdict(list)
    for port in map(Published.of, service.ports):
        taken = OURS.get((port.port, port.protocol))
        if taken:
            reason = f"{port.text!r} is the port of {taken}"
            valid = f"another port of the server; users are led to {APP_PORT}"
            yield node.found(place, reason, valid)
        other = next((one for one in seen[port.port] if port.meets(one)), None)
        if other:
            reason = f"{port.text!r} is published already, by {other.text!r}"
            yield node.found(place, reason, "each port once")
        seen[port.port].append(port)


def cycles(
    services: Mapping[str, Service], nodes: Mapping[str, YamlNode]
) -> Iterator[ComposeFinding]:
    """Services that wait for each other: none of them would ever start. Each circle once.

    One that waits for itself is told where names are looked up.
    """
    told: set[str] = set()
    for circle in _circles(services):
        if len(circle) > 1 and told.isdisjoint(circle):
            told.update(circle)
            reason = f"they wait for each other: {' → '.join((*circle, circle[0]))}"
            place = f"services.{circle[0]}.depends_on"
            yield nodes[circle[0]].at(["depends_on"]).found(place, reason, "no circle")


def on_one_server(services: Mapping[str, Service], *, database: bool) -> Iterator[str]:
    """Why these services cannot run on one server, beside its database."""
    seen: defaultdict[int, list[tuple[str, Published]]] = defaultdict(list)
    for name, service in services.items():
        for port in map(Published.of, service.ports):
            if database and (port.port, port.protocol) == (DATABASE_PORT, "tcp"):
                yield f"{name} publishes {port.text}, the port of the server's own PostgreSQL"
            for other, earlier in seen[port.port]:
                if other != name and port.meets(earlier):
                    yield f"{other} and {name} both publish {port.port}/{port.protocol}"
            seen[port.port].append((name, port))


def serves(services: Collection[Service]) -> bool:
    """Whether one of them answers where Caddy looks for the application."""
    return any(Published.of(text).is_the_apps for each in services for text in each.ports)


def _circles(services: Mapping[str, Service]) -> Iterator[tuple[str, ...]]:
    """Services on a way that comes back to where it began. Each service is gone on from once."""
    done: set[str] = set()
    for start in services:
        way = {} if start in done else {start: iter(services[start].depends_on)}
        while way:
            last = next(reversed(way))
            name = next(way[last], None)
            if name is None:
                done.add(last)
                way.popitem()
            elif name in way:
                names = list(way)
                yield tuple(names[names.index(name) :])
            elif name not in done and name in services:
                way[name] = iter(services[name].depends_on)
