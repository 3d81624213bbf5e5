"""Base backups in every vault, and what a manifest says of them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from tests.data.cluster import CLUSTER

from liferaft.data.failures import SnapshotFailed
from liferaft.data.postgres import backup
from liferaft.data.postgres.backup import WholeBackup, back_up, is_taken_for_whole, part_of
from liferaft.data.postgres.configuration import Repository
from liferaft.data.postgres.dataset import Postgres
from liferaft.data.postgres.layout import Database
from liferaft.data.postgres.platform import Platform
from liferaft.failures import DeadlinePassed
from liferaft.plan.telling import TOLD
from liferaft.recovery.part import Part
from liferaft.remote.contract import Completed, Host
from liferaft.site.reach import VaultAccess

if TYPE_CHECKING:
    from liferaft.remote.contract import Command

HERE = Platform("debian 12", "x86_64", "glibc 2.36", "15", "libc C.UTF-8")

BACKUP = {
    "annotation": {"marker": "run-1"},
    "archive": {"start": "00000002000000000000000A", "stop": "00000002000000000000000B"},
    "info": {"size": 31000000, "repository": {"size": 4000000}},
    "label": "20261122-141500F",
    "type": "full",
    "lsn": {"start": "0/A000028", "stop": "0/B000050"},
    "timestamp": {"start": 1795357990, "stop": 1795358000},
    "system_id": "7710999807537017086",
}


LACKS = "WAL segment 00000001000000000000000B was not archived before the 60000ms timeout"


def test_a_part_says_what_a_restore_must_pin() -> None:
    part = part_of("db", 2, {"main": BACKUP}, platform=HERE)
    assert part.facts["timeline"] == 2
    assert part.facts["labels"] == {"main": "20261122-141500F"}
    assert part.facts["system_id"] == "7710999807537017086"
    assert part.size == 31000000
    assert part.facts["platform"]["postgresql"] == "15"
    assert part.taken_at == "2026-11-22T14:33:20+00:00"


def test_a_part_survives_the_manifest() -> None:
    part = part_of("db", 2, {"main": BACKUP}, platform=HERE)
    assert Part.from_json(json.loads(json.dumps(part.to_json()))) == part


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup, "SILENT_SECONDS", 0.4)
    monkeypatch.setattr(backup, "KNOCK_SECONDS", 0.1)


def access(name: str) -> VaultAccess:
    return VaultAccess(name, f"{name}-b", f"{name}.test", 443, "r", "key", "s", prefix="chirp/")


@dataclass
class Primary:
    """A database's server, and the vaults that its pgBackRest reaches. `silent` are those that do
    not answer; `refuse` answer, and take no backup; `slow` are not done in time."""

    address = "10.0.1.5"
    silent: frozenset[str] = frozenset()
    refuse: frozenset[str] = frozenset()
    slow: frozenset[str] = frozenset()
    lacks_wal: bool = False
    """pgBackRest waits in vain for the end of a backup's WAL."""
    archiver_said: str = ""
    is_archived: bool = False
    """The archiver took its work for done."""
    taken: dict[str, list[str]] = field(default_factory=dict)
    begun: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    knocked: list[str] = field(default_factory=list)
    out: tuple[str, ...] = ()
    types: list[str] = field(default_factory=list)
    clock: float = 1795358000.0 + 3600

    async def run(self, command: Command, *, stdin: bytes = b"", **_: object) -> Completed:
        words = [command] if isinstance(command, str) else list(command)
        if "pgbackrest" in words or "curl" in words:
            return self._pgbackrest(words) if "pgbackrest" in words else self._curl(words[-1])
        if "/said/" in words[-1] or ".ready" in words[-1]:
            return self._archiver(words)
        if "psql" in words:
            return Completed(0, b'["libc C.UTF-8"]', b"")
        if words[0] == "date":
            return Completed(0, str(self.clock).encode(), b"")
        if "/push" in words[-1]:
            return Completed(0, "".join(f"{one}/out {{}}\n" for one in self.out).encode(), b"")
        said = "debian 12\nx86_64\nglibc 2.36\npostgres (PostgreSQL) 15.8 (Debian)\n"
        return Completed(0, said.encode() if "os-release" in words[0] else b"", b"")

    def _archiver(self, words: list[str]) -> Completed:
        if words[0] == "cat":
            return Completed(0, self.archiver_said.encode(), b"")
        return Completed(0 if self.is_archived else 1, b"", b"")

    def _curl(self, url: str) -> Completed:
        self.knocked.append(url)
        is_silent = any(f"//{vault}.test" in url for vault in self.silent)
        return Completed(7 if is_silent else 0, b"", b"curl: (7) Failed to connect")

    def _pgbackrest(self, words: list[str]) -> Completed:
        vault = next(word for word in words if word.startswith("--config=")).split("/")[-2]
        if vault in self.slow:
            raise DeadlinePassed(f"vault {vault} said nothing in time")
        self.asked.append(vault)
        markers = self.taken.setdefault(vault, [])
        if words[-1] == "backup":
            self.begun.append(vault)
            self.types += [word[7:] for word in words if word.startswith("--type=")]
            if self.lacks_wal:
                return Completed(82, b"", f"ERROR: [082]: {LACKS}".encode())
            if vault in self.silent | self.refuse:
                return Completed(103, b"", b"ERROR: [103]: unable to find a valid repository")
            markers += [word.rpartition("=")[2] for word in words if "annotation" in word]
            return Completed(0, b"", b"")
        # As pgBackRest 2.45 was seen to answer: it ends well, and tells why in its account.
        status = {"code": 99, "message": "[HostConnectError] timeout connecting"}
        if vault not in self.silent:
            status = {"code": 0, "message": "ok"}
        rows = [{**BACKUP, "annotation": {"marker": one}} for one in markers]
        stanza = {"repo": [{"status": status}], "backup": rows, "db": [{"system-id": 77}]}
        return Completed(0, json.dumps([stanza]).encode(), b"")


async def backed_up(
    primary: Primary,
    *names: str,
    marker: str = "run-1",
    is_whole: WholeBackup = is_taken_for_whole,
) -> Part:
    host: Host = primary  # type: ignore[assignment]  # it answers what a backup asks
    repositories = [Repository(access(name), 1, "passphrase") for name in names]
    return await back_up(host, "db", repositories, CLUSTER, marker=marker, is_whole=is_whole)


@pytest.mark.parametrize(
    ("archiver_said", "is_archived", "told", "do"),
    [
        ("ERROR: [039]: HTTP request failed with 507 (x)", False, "it is full", "raise its quota"),
        ("ERROR: [039]: timeout", False, "B does not go there", "Run the same command again"),
        ("", True, "B there, and it is not there", "does not keep what it is given"),
    ],
)
async def test_a_backup_that_waits_for_wal_in_vain_says_why_the_archiver_failed(
    archiver_said: str, is_archived: bool, told: str, do: str
) -> None:
    primary = Primary(lacks_wal=True, archiver_said=archiver_said, is_archived=is_archived)
    with pytest.raises(SnapshotFailed, match=told) as caught:
        await backed_up(primary, "main")
    facts = caught.value.facts
    assert facts.happened.startswith("Backing up database db to vault main failed")
    assert do in facts.do
    assert "archive holds what it held" in facts.safe
    assert facts.details.get("archiver", "") == archiver_said


async def test_each_vault_gets_a_backup_of_its_own_and_the_part_names_them() -> None:
    primary = Primary()
    part = await backed_up(primary, "main", "other")
    assert part.vaults == ("main", "other")
    assert primary.taken == {"main": ["run-1"], "other": ["run-1"]}
    assert await backed_up(primary, "main", "other") == part
    assert primary.begun == ["main", "other"], "what is there is not taken again"


@pytest.mark.parametrize("dead", ["main", "other"])
@pytest.mark.parametrize("how", ["silent", "refuse", "slow"])
async def test_a_dead_vault_keeps_no_other_from_its_backup_and_is_told(
    dead: str, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    ill = frozenset({dead})
    primary = {
        "silent": Primary(silent=ill),
        "refuse": Primary(refuse=ill),
        "slow": Primary(slow=ill),
    }[how]
    part = await backed_up(primary, "main", "other")
    (alive,) = {"main", "other"} - {dead}
    assert part.vaults == (alive,)
    assert list(part.facts["labels"]) == [alive]
    assert f"vault {dead}" in caplog.text
    database = Database("chirp", "chirp", "password", "10.0.1.5", "10.0.0.0/16")
    data = Postgres("db", database, (access("main"), access("other")), "passphrase", 1)
    (told,) = data.summary(part)[TOLD]
    assert told.startswith(f"VAULT {dead} HAS NO BACKUP")


async def test_a_vault_that_is_taken_out_gets_no_backup_which_would_wait_for_wal(
    caplog: pytest.LogCaptureFixture,
) -> None:
    primary = Primary(out=("main",))
    assert (await backed_up(primary, "main", "other")).vaults == ("other",)
    assert primary.begun == ["other"]
    assert "vault main is TAKEN OUT" in caplog.text


async def test_a_vault_that_does_not_answer_is_not_waited_for_by_a_backup() -> None:
    """pgBackRest alone would ask it for most of a minute."""
    primary = Primary(silent=frozenset({"main"}))
    await backed_up(primary, "main", "other")
    assert primary.begun == ["other"]
    assert set(primary.asked) == {"other"}
    assert len(primary.knocked) > 2, "it may have been away for a moment"


async def test_one_vault_alone_is_asked_by_pgbackrest_which_waits_for_it() -> None:
    primary = Primary(silent=frozenset({"main"}))
    with pytest.raises(SnapshotFailed, match="timeout connecting"):
        await backed_up(primary, "main")
    assert primary.knocked == []


@pytest.mark.parametrize("names", [("main",), ("main", "other")])
async def test_a_snapshot_that_no_vault_took_has_failed(names: tuple[str, ...]) -> None:
    with pytest.raises(SnapshotFailed, match="vault main"):
        await backed_up(Primary(silent=frozenset(names)), *names)


def test_of_several_backups_a_part_tells_what_holds_whichever_is_restored() -> None:
    later = {
        **BACKUP,
        "label": "20261122-142000F",
        "lsn": {"start": "0/F000028", "stop": "0/F000050"},
        "archive": {"start": "00000002000000000000000F", "stop": "00000002000000000000000F"},
        "timestamp": {"start": 1795358010, "stop": 1795358020},
    }
    part = part_of("db", 2, {"main": later, "other": BACKUP}, platform=HERE)
    assert part.facts["stop_lsn"] == "0/B000050", "a restore of either has come as far"
    assert part.facts["archive_start"] == "00000002000000000000000A"
    assert part.facts["backups"]["main"]["archive_start"] == "00000002000000000000000F"
    assert part.taken_at == "2026-11-22T14:33:40+00:00"


async def test_a_second_backup_rests_on_the_first_of_the_same_vault() -> None:
    primary = Primary()
    await backed_up(primary, "main")
    await backed_up(primary, "main", "other", marker="run-2")
    assert primary.begun == ["main", "main", "other"]
    assert primary.types == ["full", "incr", "full"], "each vault has a chain of its own"


async def test_nothing_rests_on_a_backup_that_is_damaged(caplog: pytest.LogCaptureFixture) -> None:
    primary, asked = Primary(), list[str]()

    async def is_damaged(vault: str, label: str) -> bool:
        asked.append(f"{vault} {label}")
        return False

    await backed_up(primary, "main", is_whole=is_damaged)
    assert asked == [], "the first rests on nothing"
    await backed_up(primary, "main", marker="run-2", is_whole=is_damaged)
    assert asked == [f"main {BACKUP['label']}"]
    assert primary.types == ["full", "full"]
    assert "vault main is damaged" in caplog.text
