"""When a deploy restarts the database under its users, and when it does not."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from liferaft.data.postgres import primary
from liferaft.data.postgres.configuration import server_files
from liferaft.data.postgres.layout import Database
from liferaft.remote.contract import Completed

if TYPE_CHECKING:
    import pytest

    from liferaft.remote.contract import Command

DATABASE = Database("chirp", "chirp", "the-apps-password", "10.20.1.11", "10.20.0.0/16")
CONFIGURED = hashlib.sha256(b"\0".join(one.content for one in server_files(DATABASE))).hexdigest()


@dataclass
class Configured:
    """A database's server on which everything was done. `ready`: what pg_isready ends with next,
    and then always with 0; `runs`: whether PostgreSQL answers over its socket."""

    ready: list[int]
    runs: bool = True
    address: str = "192.0.2.1"
    restarts: list[str] = field(default_factory=list)

    async def run(
        self, command: Command, *, stdin: bytes = b"", deadline: float = 60.0, check: bool = True
    ) -> Completed:
        said = command if isinstance(command, str) else " ".join(command)
        if said.startswith("pg_isready"):
            return Completed(self.ready.pop(0) if self.ready else 0, b"", b"")
        if "psql" in said:
            return Completed(0 if self.runs else 2, b"1\n", b"")
        if said.startswith("cat "):
            return Completed(0, CONFIGURED.encode(), b"")
        if said.startswith(("systemctl stop", "systemctl start")):
            self.restarts.append(said)
            self.runs = True
        return Completed(0, b"", b"")

    async def put(
        self, path: str, content: bytes, *, mode: int = 0o600, owner: str = "root:root"
    ) -> None:
        raise AssertionError(f"{path} is nothing that is put here")

    async def get(self, path: str) -> bytes:
        raise AssertionError(f"{path} is nothing that is asked for here")

    async def wait(
        self, command: Command, *, until: str, deadline: float, every: float = 0.05
    ) -> Completed:
        raise AssertionError(f"{until} is nothing that is waited for here")

    async def close(self) -> None:
        """There is no connection."""


async def test_a_database_that_is_slow_to_answer_once_is_not_restarted() -> None:
    host = Configured(ready=[2, 1])
    assert not await primary.configure(host, DATABASE)
    assert host.restarts == []


async def test_a_database_that_runs_and_is_not_at_its_address_is_restarted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As one that an earlier version has left on the loopback."""
    monkeypatch.setattr(primary, "SLOW_SECONDS", 1.5)
    host = Configured(ready=[2, 2, 2])
    assert await primary.configure(host, DATABASE)
    assert [said.split()[1] for said in host.restarts] == ["stop", "start"]


async def test_a_database_that_does_not_run_is_started_at_once() -> None:
    host = Configured(ready=[2], runs=False)
    assert await primary.configure(host, DATABASE)
    assert len(host.restarts) == 2
    assert host.ready == []
