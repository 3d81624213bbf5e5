"""Services of one application on several servers: what a server publishes for the others, and by
which addresses its services know those of the others.

What is published so is reached at the server's private address alone, where the site's own servers
are let in and nobody else. Pure.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from liferaft.compose.application import Compose
from liferaft.compose.checks import DATABASE_PORT, OURS, Published
from liferaft.compose.service import Service

_PORT: Final = re.compile(r"(?P<first>\d{1,5})(?:-(?P<last>\d{1,5}))?(?:/(?P<protocol>tcp|udp))?")
_MOST: Final = 100
"""Ports of one entry under `expose`: a longer range is none that others call by number."""
Port = tuple[int, str]
"""A number and `tcp` or `udp`."""
_SSH: Final[Port] = (22, "tcp")


@dataclass(frozen=True)
class Station:
    """One server of a site that runs services.

    Attributes:
        address: its private IPv4 address.
        faces_users: whether Caddy is on it: the application is asked at its loopback.
        has_database: whether the database listens at its private address.
    """

    services: tuple[str, ...]
    address: str = ""
    faces_users: bool = False
    has_database: bool = False


def on_station(whole: Compose, here: Station, stations: Sequence[Station]) -> Compose:
    """Those services of `whole` that this server runs, as they run among the others. stations: all
    of the site that run services. For a site of one such server nothing is changed."""
    moved = _for_caddy(whole, here)
    services = dict(moved.services)
    for name, ports in published(whole, here, stations).items():
        found = (f"{here.address}:{port}:{port}/{protocol}" for port, protocol in ports)
        short = tuple(one.removesuffix("/tcp") for one in found)
        services[name] = replace(services[name], ports=(*services[name].ports, *short))
    told = _addresses(whole, here, stations)
    for name in here.services if told else ():
        if name in services:
            services[name] = _knowing(services[name], told)
    return replace(whole, services=services)


def published(
    whole: Compose, here: Station, stations: Sequence[Station]
) -> Mapping[str, Sequence[Port]]:
    """By service of this server that another one lacks: the ports that are published for others.
    Left out is what something else on the server has, or what others reach already."""
    moved = _for_caddy(whole, here)
    taken = _taken(moved, here)
    found: dict[str, list[Port]] = {}
    for name in here.services:
        if name not in whole.services or all(name in one.services for one in stations):
            continue
        for port in ports_of(whole.services[name]):
            if port not in taken:
                taken[port] = name
                found.setdefault(name, []).append(port)
    return found


def ports_of(service: Service) -> tuple[Port, ...]:
    """The ports in its container at which it says that it is reached."""
    found: dict[Port, None] = {}
    for text in service.ports:
        inside, _, protocol = text.rpartition(":")[2].partition("/")
        found[int(inside), protocol or "tcp"] = None
    for key, values in service.others:
        for value in values if key == "expose" else ():
            found |= dict.fromkeys(_exposed(value))
    return tuple(found)


def listens_privately(compose: Compose) -> bool:
    """Whether something is published at one address of the server that is not its loopback: that
    address may come after the containers, at every boot."""
    ports = (Published.of(port) for each in compose.services.values() for port in each.ports)
    return any(not port.address.is_loopback and not port.address.is_unspecified for port in ports)


def _exposed(value: str) -> Iterator[Port]:
    match = _PORT.fullmatch(value)
    first = int(match["first"]) if match else 0
    last = int(match["last"] or first) if match else 0
    if match and 0 < first <= last < min(first + _MOST, 65536):
        yield from ((port, match["protocol"] or "tcp") for port in range(first, last + 1))


def _for_caddy(whole: Compose, here: Station) -> Compose:
    """The application's port where Caddy looks for it: on another server, at this one's address."""
    if here.faces_users or not here.address:
        return whole
    services = dict(whole.services)
    for name in here.services:
        if name in services:
            services[name] = _at_private_address(services[name], here.address)
    return replace(whole, services=services)


def _at_private_address(service: Service, address: str) -> Service:
    ports = (Published.of(text) for text in service.ports)
    moved = tuple(
        f"{address}:{port.text.partition(':')[2]}"
        if port.is_the_apps and port.address.is_loopback
        else port.text
        for port in ports
    )
    return replace(service, ports=moved)


def _taken(moved: Compose, here: Station) -> dict[Port, str]:
    """Which ports of the server's private address are somebody's: a service's that others reach
    there under the same number, or, with an empty name, anything else's."""
    taken = {port: "" for port in OURS if here.faces_users or port == _SSH}
    if here.has_database:
        taken[DATABASE_PORT, "tcp"] = ""
    for name in here.services:
        for text in moved.services[name].ports if name in moved.services else ():
            port = Published.of(text)
            if not port.address.is_loopback:
                inside = int(text.rpartition(":")[2].partition("/")[0])
                taken[port.port, port.protocol] = name if inside == port.port else ""
    return taken


def _addresses(
    whole: Compose, here: Station, stations: Sequence[Station]
) -> Mapping[str, Sequence[str]]:
    """By name: where services are that this server lacks. Each server begins with another one."""
    found: dict[str, list[str]] = {}
    turn = stations.index(here) if here in stations else 0
    for station in (*stations[turn:], *stations[:turn]):
        for name in station.services:
            if name not in here.services and name in whole.services:
                for called in (name, *whole.services[name].names):
                    found.setdefault(called, []).append(station.address)
    return found


def _knowing(service: Service, told: Mapping[str, Sequence[str]]) -> Service:
    """Names that the file gives it itself stay as they are."""
    others = dict(service.others)
    own = others.get("extra_hosts", ())
    named = {one.partition(":")[0] for one in own}
    more = (f"{name}:{one}" for name, each in told.items() if name not in named for one in each)
    others["extra_hosts"] = (*own, *more)
    return replace(service, others=tuple(sorted(others.items())))


def unreachable(
    whole: Compose, stations: Sequence[Station], asked: Collection[str]
) -> Iterator[tuple[str, str, str]]:
    """Services that start after one of another server which says no port, or none that is free
    there: who asks, whom, and why that leads nowhere. asked: services that servers run."""
    for station in stations:
        lacks = [one for one in asked if one not in station.services]
        for name in station.services:
            needs = whole.services[name].depends_on if name in whole.services else ()
            for other in (one for one in needs if one in lacks):
                reason = _why_not(whole, other, stations)
                if reason:
                    yield name, other, reason


def _why_not(whole: Compose, name: str, stations: Sequence[Station]) -> str:
    ports = ports_of(whole.services[name])
    if not ports:
        return "which runs on another server and says no port at which it is reached"
    for station in stations:
        if name in station.services:
            taken = _taken(_for_caddy(whole, station), station)
            lost = [port for port in ports if taken.get(port, name) != name]
            if len(lost) == len(ports):
                return f"which runs on another server, where port {lost[0][0]} is something else's"
    return ""
