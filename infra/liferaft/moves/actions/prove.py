"""The application is well, seen as a user sees it: by name, over TLS, at its new address."""

import asyncio
import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from liferaft.failures import DeadlinePassed
from liferaft.moves.polling import until
from liferaft.moves.world import World

WELL_SECONDS = 90.0
ASK_SECONDS = 5.0
GOOD = range(200, 300)


@dataclass(frozen=True)
class ProveService:
    """The health URL answers well from the site, over TLS that holds for the domain."""

    site: str
    epoch: int

    async def holds(self, world: World) -> bool:
        """Asked each time: being well is not something that was done once."""
        return await self._well(world)

    async def apply(self, world: World) -> Mapping[str, Any]:
        async def well() -> bool:
            return await self._well(world)

        if not await until(well, seconds=WELL_SECONDS):
            raise DeadlinePassed(
                f"Waited {WELL_SECONDS:.0f} s for {world.config.app.health} to answer well "
                f"from {self.site}",
                safe="Users see the holding page; no data is touched.",
                do="Look at the application's logs on its server, then run the same command again.",
            )
        return {}

    async def prove(self, world: World) -> None:
        """`apply` ends only once it was seen from outside."""

    async def _well(self, world: World) -> bool:
        address = (await world.outputs()).address
        return await asyncio.to_thread(
            _answers_well, world.config.app.health, address, world.credentials.acme_ca_file
        )


def _answers_well(url: str, address: str, ca_file: Any) -> bool:
    """Whether `address` answers the URL with 2xx: by its name, its certificate checked."""
    parts = urlsplit(url)
    context = ssl.create_default_context()
    if ca_file:
        context.load_verify_locations(ca_file)
    connection = _To(address, parts.hostname or "", context)
    try:
        connection.request("GET", f"{parts.path}{'?' if parts.query else ''}{parts.query}")
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException, json.JSONDecodeError):
        return False
    else:
        return answer.status in GOOD
    finally:
        connection.close()


class _To(http.client.HTTPSConnection):
    """A connection to one address that asks, and checks, another name: caches have no say."""

    def __init__(self, address: str, name: str, context: ssl.SSLContext) -> None:
        super().__init__(name, timeout=ASK_SECONDS, context=context)
        self._address, self._tls = address, context

    def connect(self) -> None:
        import socket

        plain = socket.create_connection((self._address, self.port), timeout=ASK_SECONDS)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)
