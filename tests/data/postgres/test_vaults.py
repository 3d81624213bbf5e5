"""What a database's server is told of its vaults, and says of them."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import PIPE
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import pytest

from liferaft.data.postgres import vaults
from liferaft.data.postgres.configuration import Repository
from liferaft.data.postgres.layout import ETC
from liferaft.data.postgres.stanzas import create_stanzas
from liferaft.data.postgres.takeover import prepare_archive
from liferaft.failures import DeadlinePassed
from liferaft.remote.acts import HostActFailed
from liferaft.remote.contract import Completed, Host
from liferaft.site.reach import VaultAccess

if TYPE_CHECKING:
    from pathlib import Path

    from liferaft.remote.contract import Command


@dataclass
class Server:
    """Runs scripts for real, in a folder that stands for the configurations of pgBackRest.
    `silent` are vaults that do not answer it, `known` those that know the database."""

    etc: Path
    silent: set[str] = field(default_factory=set)
    known: set[str] = field(default_factory=set)
    slow: set[str] = field(default_factory=set)

    async def run(self, command: Command, *, check: bool = True, **_: object) -> Completed:
        words = ["bash", "-c", command] if isinstance(command, str) else list(command)
        if "pgbackrest" in words:
            return self._stanza_create(words)
        words = [word.replace(ETC, str(self.etc)) for word in words]
        process = await asyncio.create_subprocess_exec(*words, stdout=PIPE, stderr=PIPE)
        stdout, stderr = await process.communicate()
        assert process.returncode is not None
        assert process.returncode == 0 or not check
        return Completed(process.returncode, stdout, stderr)

    def _stanza_create(self, words: list[str]) -> Completed:
        vault = next(word for word in words if word.startswith("--config=")).split("/")[-2]
        if vault in self.slow:
            raise DeadlinePassed("`pgbackrest` did not end within its time")
        if vault in self.silent:
            return Completed(49, b"", b"ERROR: [049]: timeout connecting")
        was_there = vault in self.known
        self.known.add(vault)
        return Completed(0, b"stanza 'main' already exists" if was_there else b"", b"")

    async def put(self, path: str, content: bytes, **_: object) -> None:
        place = self.etc / path.removeprefix(f"{ETC}/")
        place.write_bytes(content)


@pytest.fixture
def server(tmp_path: Path) -> Server:
    for name in ("main", "other"):
        (tmp_path / "push" / name).mkdir(parents=True)
    return Server(tmp_path)


def host(server: Server) -> Host:
    return cast("Host", server)


def repositories(*names: str) -> list[Repository]:
    return [
        Repository(VaultAccess(name, "b", "h.test", 443, "r", "k", "s"), 1, "passphrase")
        for name in names
    ]


async def said(server: Server) -> list[str]:
    return [one.sentence for one in await vaults.notes(host(server))]


async def test_whole_vaults_have_nothing_said_of_them(server: Server) -> None:
    assert await create_stanzas(host(server), repositories("main", "other"))
    assert not await create_stanzas(host(server), repositories("main", "other"))
    assert await said(server) == []


@pytest.mark.parametrize("dead", ["main", "other"])
async def test_a_vault_that_does_not_answer_is_taken_out_and_stops_nothing(
    server: Server, dead: str
) -> None:
    server.silent.add(dead)
    await create_stanzas(host(server), repositories("main", "other"))
    (sentence,) = await said(server)
    assert sentence.startswith(f"vault {dead} is TAKEN OUT and incomplete since 2")
    assert "timeout connecting" in sentence


@pytest.mark.parametrize("slow", ["main", "other"])
async def test_a_vault_that_is_too_slow_is_taken_out_and_stops_nothing(
    server: Server, slow: str
) -> None:
    server.slow.add(slow)
    await create_stanzas(host(server), repositories("main", "other"))
    (sentence,) = await said(server)
    assert sentence.startswith(f"vault {slow} is TAKEN OUT and incomplete since 2")


async def test_one_that_is_out_already_keeps_its_beginning(server: Server) -> None:
    server.silent.add("other")
    note = server.etc / "push/other/out"
    note.write_text('{"since": 86400, "lsn": "0/5000000", "why": "it was silent"}')
    await create_stanzas(host(server), repositories("main", "other"))
    (sentence,) = await said(server)
    assert "since 1970-01-02 00:00:00 UTC, from 0/5000000 on: it was silent" in sentence


@pytest.mark.parametrize("names", [("main",), ("main", "other")])
async def test_where_no_vault_answers_nothing_is_taken_out(
    server: Server, names: tuple[str, ...]
) -> None:
    server.silent.update(names)
    with pytest.raises(HostActFailed, match="vault main"):
        await create_stanzas(host(server), repositories(*names))
    assert await said(server) == []


async def test_a_vault_that_is_new_beside_others_is_incomplete_until_it_has_a_backup(
    server: Server,
) -> None:
    server.known.add("main")
    await create_stanzas(host(server), repositories("main", "other"))
    (sentence,) = await said(server)
    assert sentence.startswith("vault other is incomplete since 2")
    assert "it gets a new backup by itself" in sentence


async def test_a_promotion_waits_for_no_vault_that_was_taken_out_since_the_restore(
    server: Server,
) -> None:
    for one in ("gone", "main"):
        (server.etc / "push" / one).mkdir(exist_ok=True)
        (server.etc / "push" / one / "00000001.conf").touch()
    server.silent.add("main")
    with pytest.raises(HostActFailed, match="vault main"):  # it comes no further
        await prepare_archive(host(server), repositories("main"))
    assert not (server.etc / "push/gone").exists(), "its WAL would fill the disk"
    assert (server.etc / "push/main/00000001.conf").exists()


async def test_a_vault_that_is_not_named_any_more_is_forgotten(server: Server) -> None:
    (server.etc / "push/gone").mkdir()
    (server.etc / "push/gone/00000001.conf").touch()
    await vaults.forget_others(host(server), ["main", "other"])
    assert sorted(path.name for path in (server.etc / "push").iterdir()) == ["main", "other"]


async def test_what_an_operator_took_out_is_said_to_be(server: Server) -> None:
    (server.etc / "push/main/out").touch()
    assert await said(server) == ["vault main is TAKEN OUT by an operator: it gets no WAL"]
