"""One user's way to the application: a lookup and a new TLS connection for every request."""

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp
import dns.asyncresolver
import dns.exception
from aiohttp.abc import AbstractResolver, ResolveResult

from .recognise import is_holding_page

REQUEST_SECONDS = 3.0
CONNECT_SECONDS = 1.5
"""TCP and TLS. While an address is dead each request costs its user so long: `crowd.Load.users`."""
LOOKUP_SECONDS = 1.5
SLOW_PIECES, SLOW_PAUSE = 10, 0.2
"""A slow line sends a picture in so many pieces, seconds apart: two seconds under way."""


class Clock:
    """Unix seconds that never jump: read once, carried on by the monotonic clock."""

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def now(self) -> float:
        """Unix seconds."""
        return self._offset + time.monotonic()


@dataclass(frozen=True)
class Reply:
    """What came of one request; without a status nothing came, and `error` says why."""

    start: float
    end: float
    address: str | None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    error: str | None = None

    @property
    def text(self) -> str:
        """The body of a page."""
        return self.body.decode(errors="replace")

    @property
    def is_holding(self) -> bool:
        """Whether liferaft answered in the application's place."""
        return self.status is not None and is_holding_page(self.status, self.headers, self.text)


class _OwnResolver(AbstractResolver):
    """Asks one resolver, remembers nothing but the last address."""

    def __init__(self, nameserver: str) -> None:
        self._resolver = dns.asyncresolver.Resolver(configure=False)
        self._resolver.nameservers = [nameserver]
        self._resolver.lifetime = LOOKUP_SECONDS
        self._resolver.timeout = LOOKUP_SECONDS / 2
        self.address: str | None = None

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The first address of `host`; raises OSError if the resolver names none."""
        try:
            answer = await self._resolver.resolve(host + ".", "A")
        except dns.exception.DNSException as error:
            raise OSError(f"no address: {type(error).__name__}") from error
        self.address = str(answer[0])
        return [
            ResolveResult(
                hostname=host,
                host=self.address,
                port=port,
                family=family,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    async def close(self) -> None:
        """Nothing is kept open."""


class Browser:
    """One user's cookies, resolver and connections. One request at a time."""

    def __init__(
        self,
        base: str,
        resolver: str,
        trust: ssl.SSLContext,
        clock: Clock,
        *,
        reuse: bool = False,
        slow: bool = False,
    ) -> None:
        """`reuse` keeps connections open: for reading back, where DNS has nothing to show.

        `slow` sends pictures over a slow line.
        """
        self.resolver = resolver
        self._base, self._clock = base.rstrip("/"), clock
        self._lookup = _OwnResolver(resolver)
        self._trust, self._reuse, self._slow = trust, reuse, slow

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            resolver=self._lookup,
            family=socket.AF_INET,
            ssl=self._trust,
            use_dns_cache=False,
            force_close=not self._reuse,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=REQUEST_SECONDS, sock_connect=CONNECT_SECONDS),
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()

    async def get(self, path: str) -> Reply:
        """Never raises for what the network or the server does: the reply says it."""
        return await self._ask("GET", path, None)

    async def post(self, path: str, form: Mapping[str, str], picture: bytes | None = None) -> Reply:
        """Sends the form, with `picture` as its file; does not follow a redirect."""
        data = aiohttp.FormData(dict(form))
        if picture is not None:
            sent = _in_pieces(picture) if self._slow else picture
            data.add_field("image", sent, filename="noise.png", content_type="image/png")
        return await self._ask("POST", path, data)

    async def _ask(self, method: str, path: str, data: aiohttp.FormData | None) -> Reply:
        self._lookup.address = None
        start = self._clock.now()
        try:
            async with self._session.request(
                method, self._base + path, data=data, allow_redirects=False
            ) as response:
                body = await response.read()
                status, headers = response.status, response.headers
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            reason = f"{type(error).__name__}: {error}".rstrip(": ")
            return Reply(start, self._clock.now(), self._lookup.address, error=reason)
        return Reply(start, self._clock.now(), self._lookup.address, status, headers, body)


async def _in_pieces(body: bytes) -> AsyncIterator[bytes]:
    size = -(-len(body) // SLOW_PIECES)
    for start in range(0, len(body), size):
        await asyncio.sleep(SLOW_PAUSE)
        yield body[start : start + size]


def trusting(ca_file: Path | None) -> ssl.SSLContext:
    """TLS that trusts the authorities in `ca_file`; the system's if that is None."""
    return ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
