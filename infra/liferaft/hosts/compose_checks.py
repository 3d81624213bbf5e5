"""What services of a Compose file say about each other, and about what else is on their server."""

import ipaddress
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from liferaft.config.problems import Problem
from liferaft.hosts.compose_service import Service
from liferaft.hosts.compose_values import PORT

APP_PORT: Final = 8080
"""Where Caddy looks for the application, on the server's loopback or at all of its addresses."""
DATABASE_PORT: Final = 5432
_ANY: Final = ipaddress.IPv4Address("0.0.0.0")  # noqa: S104 - compared, nothing listens there
_CADDYS: Final = ipaddress.IPv4Address("127.0.0.1")
_OURS: Final = {
    (22, "tcp"): "the server's own SSH",
    (80, "tcp"): "Caddy, which has the certificates",
    (443, "tcp"): "Caddy, which has the certificates",
    (443, "udp"): "Caddy, which has the certificates",
    (2019, "tcp"): "Caddy's own commands",
}


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


def of_service(place: str, line: int, service: Service) -> Iterator[Problem]:
    """Ports and mounts of one service."""
    seen: defaultdict[int, list[Published]] = defaultdict(list)
    for port in map(Published.of, service.ports):
        taken = _OURS.get((port.port, port.protocol))
        if taken:
            reason = f"{port.text!r} is the port of {taken}"
            yield Problem(line, f"{place}.ports", reason, "another port of the server")
        other = next((one for one in seen[port.port] if port.meets(one)), None)
        if other:
            reason = f"{port.text!r} is published already, by {other.text!r}"
            yield Problem(line, f"{place}.ports", reason, "each port once")
        seen[port.port].append(port)
    targets: set[str] = set()
    for target in service.targets:
        if target in targets:
            reason = f"{target} is mounted twice"
            yield Problem(line, f"{place}.volumes", reason, "one mount for each path")
        targets.add(target)


def cycles(services: Mapping[str, Service], lines: Mapping[str, int]) -> Iterator[Problem]:
    """Services that wait for each other: none of them would ever start. Each circle once.

    One that waits for itself is told where names are looked up.
    """
    told: set[str] = set()
    for circle in _circles(services):
        if len(circle) > 1 and told.isdisjoint(circle):
            told.update(circle)
            reason = f"they wait for each other: {' → '.join((*circle, circle[0]))}"
            place = f"services.{circle[0]}.depends_on"
            yield Problem(lines[circle[0]], place, reason, "no circle")


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
