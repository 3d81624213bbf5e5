"""Whether each service of the Compose file runs somewhere, and reaches those it starts after.

A published file has its own proxy and perhaps its own database beside the application: of each
service liferaft.toml says that a server runs it, that something of liferaft's takes its place, or
that nobody does.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from liferaft.compose import across
from liferaft.compose.across import Station
from liferaft.compose.application import Compose
from liferaft.compose.checks import Published
from liferaft.compose.findings import ComposeFinding


def misplaced(
    compose: Compose,
    stations: Sequence[Station],
    *,
    groups: Collection[str],
    replaced: Collection[str] = (),
    unused: Collection[str] = (),
) -> Iterator[ComposeFinding]:
    """Services that would run nowhere, and such as start after one that they would not reach.

    groups: names of the groups of servers. replaced: services whose place liferaft's own takes.
    unused: those of which liferaft.toml says that they run nowhere. Pure.
    """
    runs = {name for station in stations for name in station.services}
    for name, node in compose.written.items():
        if name not in runs and name not in replaced and name not in unused:
            where = " or ".join(f"[servers.{group}]" for group in groups)
            yield node.found(
                f"services.{name}",
                "no server runs it",
                f'"{name}" in `runs` of {where} in liferaft.toml, or, if nothing is to run it, '
                f'unused = ["{name}"] under [app]',
            )
    for name, other, reason in dict.fromkeys(across.unreachable(compose, stations, runs)):
        yield (
            compose.written[name]
            .at(["depends_on", other])
            .found(
                f"services.{name}.depends_on",
                f"it starts after {other}, {reason}",
                f"the same server in `runs` of liferaft.toml, or a free port of it: "
                f'expose: ["PORT"] under services.{other}',
            )
        )


def contradictions(
    compose: Compose, runs: Collection[str], unused: Collection[str]
) -> Iterator[str]:
    """What `unused` says that cannot be. runs: services that servers run."""
    for name in unused:
        if name not in compose.services:
            yield f"app.unused names {name}, which is no service of the Compose file"
        elif name in runs:
            yield f"app.unused names {name}, which servers are to run"


def unanswered(
    compose: Compose, services: Collection[str], ports: Mapping[str, tuple[range, str]]
) -> Iterator[str]:
    """Those ports that are to be open to everybody at which none of these services listens at the
    server's own address. ports: by what liferaft.toml calls them."""
    published = [
        Published.of(text)
        for name in services
        if name in compose.services
        for text in compose.services[name].ports
    ]
    for called, (numbers, protocol) in ports.items():
        if not any(
            one.address.is_unspecified and one.port in numbers and one.protocol == protocol
            for one in published
        ):
            yield called
