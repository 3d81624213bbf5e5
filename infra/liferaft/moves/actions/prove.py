"""The application is well, seen as a user sees it: by name, over TLS, at its new address."""

import asyncio
import http.client
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from liferaft.edge import proxy
from liferaft.edge.holding import Notice
from liferaft.edge.served import users_trust
from liferaft.edge.upstream import answers
from liferaft.failures import DeadlinePassed, Failure, Own
from liferaft.hosts import running
from liferaft.moves.app_servers import app_servers, unwell
from liferaft.moves.front import front
from liferaft.moves.on_server import logs_of
from liferaft.plan.telling import TOLD, tell_meanwhile
from liferaft.remote.contract import Host
from liferaft.remote.waiting import wait_until
from liferaft.site.world import World

ASK_SECONDS = 5.0
SECONDS_AROUND = 30.0
"""What the step may take besides waiting: the last question of each kind."""
GOOD = range(200, 300)


@dataclass(frozen=True)
class ProveService:
    """The health URL answers well from the site, over TLS that holds for the domain. The holding
    page speaks of a move or a start no more. Of several app servers one that is not well is told,
    and fails nothing: users do not notice it.
    """

    site: str
    epoch: int

    async def holds(self, world: World) -> bool:
        """Asked each time: being well is not something that was done once."""
        if await _ailment(world) is not None or await proxy.announced(await _edge(world)):
            return False
        return not unwell(await app_servers(world))

    async def apply(self, world: World) -> Mapping[str, Any]:
        health, patience = world.site.config.app.health, world.site.config.app.starts_within
        until = time.monotonic() + patience
        ailment: str | None = "not asked yet"

        async def is_well() -> bool:
            nonlocal ailment
            ailment = await _ailment(world)
            return ailment is None

        async with tell_meanwhile(lambda: f"{health} is not well: {ailment}"):
            await wait_until(is_well, seconds=patience)
        if ailment is None:
            await proxy.withdraw(await _edge(world), Notice.MOVING, Notice.STARTING)
            told = await _others(world, until - time.monotonic())
            return {TOLD: told} if told else {}
        with suppress(Failure):  # the app's ailment is what has to be told
            await proxy.withdraw(await _edge(world), Notice.STARTING)
        raise DeadlinePassed(
            f"Waited {patience} s for {health} to answer well from {self.site}: {ailment}",
            safe=Own("What was started runs on, and the name stays where it points."),
            do=f"Look at the application's logs ({logs_of(world)}), then run the same command "
            "again. If it only needs longer, set app.starts_within.",
        )

    async def prove(self, world: World) -> None:
        """`apply` ends only once it was seen from outside."""


async def _others(world: World, seconds: float) -> list[str]:
    """Which of several app servers are not well, though each has had the time that the app may
    take. Users are served meanwhile."""
    told = unwell(await app_servers(world))

    async def are_well() -> bool:
        nonlocal told
        told = unwell(await app_servers(world))
        return not told

    if told:
        async with tell_meanwhile(lambda: " ".join(told)):
            await wait_until(are_well, seconds=max(seconds, 0.0))
    return list(told)


async def _edge(world: World) -> Host:
    return await world.servers.host(world.site.roster.edge.name)


async def _ailment(world: World) -> str | None:
    """What keeps the service from being well; None if it is: the health URL answers, and no
    container, a worker's perhaps, ends again and again behind it.
    """
    address = (await world.site.outputs()).address
    users_see = await asyncio.to_thread(
        ailment_of, world.site.config.app.health, address, world.site.credentials.users_ca_file
    )
    told = await _restless(world)
    if users_see is not None:
        told = [users_see, await _of_the_app(world), *told]
    return "; ".join(told) or None


async def _of_the_app(world: World) -> str:
    """What the app itself answers, past the holding page. That it cannot be asked is no failure of
    its own: it must not hide the one that it was to explain."""
    try:
        host, there = await _edge(world), await front(world)
        return "; ".join(str(answer) for answer in await answers(host, there))
    except Failure as failure:
        return f"the app itself could not be asked: {failure.facts.happened}"


async def _restless(world: World) -> list[str]:
    told: list[str] = []
    for seat in world.site.roster.app:
        try:
            found = await running.restless(await world.servers.host(seat.name))
        except Failure as failure:
            told.append(f"{seat.name} could not be asked: {failure.facts.happened}")
        else:
            told += [f"{one} on {seat.name}" for one in found]
    return told


def ailment_of(url: str, address: str, ca_file: Path | None) -> str | None:
    """Why `address` does not answer the URL well; None if it does, with 2xx and a certificate
    that holds for the URL's name.

    ca_file: an authority to trust besides the system's. Blocks, some ASK_SECONDS at most for each
    part of the answer. Raises BadInput for a ca_file that is none.
    """
    parts = urlsplit(url)
    connection = _To(address, parts.hostname or "", parts.port, users_trust(ca_file))
    try:
        connection.request("GET", f"{parts.path}{'?' if parts.query else ''}{parts.query}")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return f"{type(error).__name__}: {error}"
    finally:
        connection.close()
    return None if status in GOOD else f"it answers {status}"


class _To(http.client.HTTPSConnection):
    """A connection to one address that asks, and checks, another name: caches have no say."""

    def __init__(self, address: str, name: str, port: int | None, tls: ssl.SSLContext) -> None:
        super().__init__(name, port, timeout=ASK_SECONDS, context=tls)
        self._address, self._tls = address, tls

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), timeout=ASK_SECONDS)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)
