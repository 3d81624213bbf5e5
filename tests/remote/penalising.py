"""A stand-in for OpenSSH from 9.8 on, which holds refused attempts against whoever made them.

Durations are the documented defaults: https://man.openbsd.org/sshd_config#PerSourcePenalties. They
add up for one source and run out with time; below the minimum nothing follows, from it on nobody
from there gets as far as the banner. Debian 12 has 9.2: its hosts in the sandbox do not do this.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncssh
from tests.remote.conftest import public

AUTHFAIL, NOAUTH, MINIMUM, MAXIMUM = 5.0, 1.0, 15.0, 600.0


@dataclass
class Penalising:
    """One server. `scale`: how much of a second its seconds last."""

    scale: float
    client_key: asyncssh.SSHKey
    takes_key: Callable[[int], bool] = lambda _: True
    """Whether the n-th attempt with the right key is let in."""
    attempts: int = 0
    turned_away: int = 0
    port: int = 0
    _until: float = 0.0
    _enforced: bool = False
    _inner: int = 0
    _sessions: set["asyncio.Task[None]"] = field(default_factory=set)

    @asynccontextmanager
    async def listening(self, host_key: asyncssh.SSHKey) -> AsyncIterator["Penalising"]:
        inner = await asyncssh.listen(
            "127.0.0.1", 0, server_host_keys=[host_key], server_factory=lambda: _Session(self)
        )
        self._inner = inner.get_port()
        outer = await asyncio.start_server(self._front, "127.0.0.1", 0)
        self.port = outer.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            outer.close()
            inner.close()
            for one in self._sessions:
                one.cancel()
            await asyncio.gather(*self._sessions, return_exceptions=True)

    def penalise(self, seconds: float) -> None:
        now = time.monotonic()
        self._is_enforced()
        self._until = min(max(self._until, now) + seconds * self.scale, now + MAXIMUM * self.scale)

    async def _front(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_enforced():
            self.turned_away += 1
            writer.write(b"Not allowed at this time\r\n")
            writer.close()
            return
        there, back = await asyncio.open_connection("127.0.0.1", self._inner)
        for source, target in ((reader, back), (there, writer)):
            task = asyncio.create_task(_carry(source, target))
            self._sessions.add(task)
            task.add_done_callback(self._sessions.discard)

    def _is_enforced(self) -> bool:
        """Once the minimum was reached, until all of it has run out."""
        now = time.monotonic()
        reached = self._until - now >= MINIMUM * self.scale
        self._enforced = reached or (self._enforced and now < self._until)
        return self._enforced


async def _carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while content := await source.read(65536):
            target.write(content)
            await target.drain()
    except ConnectionError:
        pass  # the other direction tells the same
    finally:
        target.close()


class _Session(asyncssh.SSHServer):
    """One connection, judged at its end."""

    def __init__(self, server: Penalising) -> None:
        self._server = server
        self._tried = self._in = False

    def begin_auth(self, username: str) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        self._tried = True
        self._server.attempts += 1
        known = key.export_public_key().decode().strip() == public(self._server.client_key)
        return known and self._server.takes_key(self._server.attempts)

    def auth_completed(self) -> None:
        self._in = True

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._in:
            self._server.penalise(AUTHFAIL if self._tried else NOAUTH)
