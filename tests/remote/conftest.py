"""A real SSH server on loopback, whose commands really run, as the user of the tests."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from pydantic import SecretStr

from liferaft.remote import Host, SshHost, connect

ALGORITHM = "ssh-ed25519"
PATIENCE = 60.0
"""Seconds for what comes to its end by itself, on a busy machine too."""


def private(key: asyncssh.SSHKey) -> SecretStr:
    return SecretStr(key.export_private_key().decode())


def public(key: asyncssh.SSHKey) -> str:
    return key.export_public_key().decode().strip()


@dataclass
class Served:
    """One server: its keys, where it listens, who is connected."""

    folder: Path
    host_key: asyncssh.SSHKey
    client_key: asyncssh.SSHKey
    port: int = 0
    connections: list[asyncssh.SSHServerConnection] = field(default_factory=list)
    serving: set[asyncio.Task[None]] = field(default_factory=set)

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator["Served"]:
        authorized = asyncssh.import_authorized_keys(public(self.client_key))
        acceptor = await asyncssh.listen(
            "127.0.0.1",
            self.port,
            server_host_keys=[self.host_key],
            authorized_client_keys=authorized,
            process_factory=self.serve,
            encoding=None,
            acceptor=self.connections.append,
        )
        self.port = acceptor.get_port()
        try:
            yield self
        finally:
            acceptor.close()
            for connection in self.connections:
                connection.abort()
            for task in self.serving:
                task.cancel()
            await asyncio.gather(*self.serving, return_exceptions=True)
            await acceptor.wait_closed()

    def serve(self, process: "asyncssh.SSHServerProcess[bytes]") -> None:
        task = asyncio.create_task(self._served(process))
        self.serving.add(task)
        task.add_done_callback(self.serving.discard)

    async def _served(self, process: "asyncssh.SSHServerProcess[bytes]") -> None:
        child = await asyncio.create_subprocess_shell(
            process.command or "true",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"PATH": f"{self.folder}:{os.environ['PATH']}"},
        )
        assert child.stdin
        assert child.stdout
        assert child.stderr
        feeding = asyncio.create_task(into_pipe(process.stdin, child.stdin))
        try:
            await asyncio.gather(
                into_channel(child.stdout, process.stdout),
                into_channel(child.stderr, process.stderr),
            )
            code = await child.wait()
        finally:
            feeding.cancel()
            await asyncio.wait([feeding])
            child._transport.close()  # type: ignore[attr-defined]  # the only way to its pipes
        process.exit(code if code >= 0 else 128 - code)


GONE = (ConnectionError, asyncssh.Error)


async def into_pipe(channel: "asyncssh.SSHReader[bytes]", pipe: asyncio.StreamWriter) -> None:
    with contextlib.suppress(*GONE):
        while content := await channel.read(65536):
            pipe.write(content)
            await pipe.drain()
    pipe.close()


async def into_channel(pipe: asyncio.StreamReader, channel: "asyncssh.SSHWriter[bytes]") -> None:
    while content := await pipe.read(65536):
        with contextlib.suppress(*GONE):
            channel.write(content)
            await channel.drain()


@pytest.fixture(scope="session")
def keys() -> Callable[[str], asyncssh.SSHKey]:
    made: dict[str, asyncssh.SSHKey] = {}

    def key(name: str) -> asyncssh.SSHKey:
        return made.setdefault(name, asyncssh.generate_private_key(ALGORITHM))

    return key


@pytest.fixture
def served(tmp_path: Path, keys: Callable[[str], asyncssh.SSHKey]) -> Iterator[Served]:
    """A server that does not listen yet, at a port that is kept for it meanwhile. Its sudo needs no
    rights: it runs what it is given."""
    sudo = tmp_path / "sudo"
    sudo.write_text('#!/bin/sh\n[ "$1 $2" = "-n --" ] && shift 2 && exec "$@"\n')
    sudo.chmod(0o755)
    with socket.socket() as kept:
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        kept.bind(("127.0.0.1", 0))
        yield Served(tmp_path, keys("host"), keys("client"), kept.getsockname()[1])


async def connected(served: Served) -> SshHost:
    return await connect(
        "127.0.0.1",
        port=served.port,
        client_key=private(served.client_key),
        host_keys=[public(served.host_key)],
        deadline=PATIENCE,
    )


@pytest.fixture
async def host(served: Served) -> AsyncIterator[Host]:
    """Over SSH."""
    async with served.listening():
        host = await connected(served)
        yield host
        await host.close()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The address of every attempt to connect that has come to its end, whatever end."""
    ended: list[str] = []
    connect = asyncssh.connect

    async def watched(address: str, *arguments: Any, **options: Any) -> Any:
        try:
            return await connect(address, *arguments, **options)
        finally:
            ended.append(address)

    monkeypatch.setattr(asyncssh, "connect", watched)
    return ended
