"""A server or a service of a site, for an operator who wants to look: no step, no journal."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from liferaft.failures import BadInput, Failure
from liferaft.hosts.workload import PROJECT
from liferaft.remote.attached import Attachable, Streams
from liferaft.remote.contract import ConnectionLost, Host
from liferaft.site.roster import Seat
from liferaft.site.world import World

_ITS_OWN = "No step of a move was begun. What the command itself did on the server stays."


async def run_on(world: World, server: str, command: Sequence[str], streams: Streams) -> int:
    """Run it as root, over the way that every step takes: the pinned host key, the app's own SSH
    key. Without a command: a shell. Its exit code is the operator's to judge.

    Raises BadInput for a server that the site does not have, SiteIncomplete for a site without
    servers. A failure says what is safe and what to do, which the rooms below leave to steps: here
    is none.
    """
    names = [seat.name for seat in world.site.roster.seats]
    if server not in names:
        raise BadInput(
            f"{world.site.name} has no server {server}",
            safe="Nothing was done.",
            do=f"Name one of: {', '.join(names)}.",
        )
    async with world:
        return await _attached(world, server, command, streams)


async def run_in(
    world: World, service: str, command: Sequence[str], streams: Streams, server: str | None = None
) -> int:
    """Run it in the container of a service, on the first server that has one; its exit code.

    Raises as `run_on`, and BadInput for a service that no server runs.
    """
    seat = _seats(world, service, server)[0]
    typing = ["--interactive", *(["--tty"] if streams.kind else [])]
    inside = ["podman", "exec", *typing, _container(service), *command]
    async with world:
        return await _attached(world, seat.name, inside, streams)


async def show_logs(
    world: World,
    service: str,
    streams: Streams,
    *,
    server: str | None = None,
    follow: bool = False,
    tail: int | None = None,
    since: str | None = None,
) -> int:
    """What a service has said, on every server that runs it; each line has the server's name in
    front where there are several. The first exit code that is not 0.

    since: as podman takes it. follow: go on until somebody ends it. Raises as `run_in`.
    """
    seats = _seats(world, service, server)
    asked = ["podman", "logs", *(["--follow"] if follow else [])]
    asked += [] if tail is None else ["--tail", str(tail)]
    asked += [] if since is None else ["--since", since]
    asked.append(_container(service))
    async with world:
        if len(seats) == 1:
            return await _attached(world, seats[0].name, asked, streams)
        codes = await asyncio.gather(
            *(_attached(world, seat.name, asked, _named(seat.name, streams)) for seat in seats)
        )
    return next((code for code in codes if code), 0)


def _seats(world: World, service: str, server: str | None) -> Sequence[Seat]:
    seats = [seat for seat in world.site.roster.app if service in seat.services]
    if not seats:
        known = sorted({one for seat in world.site.roster.app for one in seat.services})
        raise BadInput(
            f"No server of {world.site.name} runs a service {service}",
            safe="Nothing was done.",
            do=f"Name one of: {', '.join(known)}.",
        )
    if server is None:
        return seats
    found = [seat for seat in seats if seat.name == server]
    if not found:
        raise BadInput(
            f"{server} of {world.site.name} runs no service {service}",
            safe="Nothing was done.",
            do=f"Name one of: {', '.join(seat.name for seat in seats)}.",
        )
    return found


def _container(service: str) -> str:
    return f"{PROJECT}_{service}_1"


async def _attached(world: World, server: str, command: Sequence[str], streams: Streams) -> int:
    try:
        host: Host = await world.servers.host(server)
    except Failure as failure:
        failure.facts = replace(
            failure.facts,
            safe=f"The command was not run on {server}, and nothing was changed there.",
            do=failure.facts.do or "Mend the cause, then run the same command again.",
        )
        raise
    if not isinstance(host, Attachable):
        raise TypeError(f"nobody can talk to a program on {server}")
    try:
        return await host.attach(command, streams)
    except ConnectionLost as failure:
        failure.facts = replace(
            failure.facts,
            safe=_ITS_OWN,
            do="See on the server whether it ran to its end, before it is given again.",
        )
        raise


def _named(server: str, streams: Streams) -> Streams:
    """Whole lines, each with the server's name in front. What is typed goes nowhere."""
    name = f"{server} | ".encode()
    return Streams(lambda _: b"", _naming(name, streams.write), _naming(name, streams.complain))


def _naming(name: bytes, write: Callable[[bytes], None]) -> Callable[[bytes], None]:
    begun = bytearray()

    def lines(chunk: bytes) -> None:
        begun.extend(chunk)
        whole, found, rest = bytes(begun).rpartition(b"\n")
        if found:
            begun[:] = rest
            write(b"".join(name + line + b"\n" for line in whole.split(b"\n")))

    return lines


def logs_of(world: World) -> str:
    """What an operator types to read the last lines of the service that users reach."""
    edge = world.site.roster.edge
    return f"liferaft logs {edge.services[0]} --site {world.site.name} --tail 50"
