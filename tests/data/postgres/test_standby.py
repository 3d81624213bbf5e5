"""From which vault a copy is restored."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
from tests.data.cluster import CLUSTER

from liferaft.data.failures import NotAsSealed, RestoreFailed
from liferaft.data.postgres.configuration import Repository
from liferaft.data.postgres.standby import restore_from_any
from liferaft.failures import DeadlinePassed
from liferaft.recovery.part import Part
from liferaft.remote.contract import Completed, Host, Unreachable
from liferaft.site.reach import VaultAccess

if TYPE_CHECKING:
    from liferaft.remote.contract import Command

VAULT = VaultAccess("main", "b", "objects.test", 443, "r", "key", "secret", prefix="chirp/")
SOURCES = [
    Repository(replace(VAULT, name=name), epoch, "passphrase")
    for epoch in (2, 1)
    for name in ("main", "other")
]
"""In the order of their numbers: 1 and 2 are of epoch 2, 3 and 4 of epoch 1."""
LABELS = {"main": "20261122-1F", "other": "20261122-2F"}


@dataclass
class Bare:
    """A server onto which is restored. `ends`: how pgBackRest ends, by the repository's number."""

    ends: dict[int, int] = field(default_factory=dict)
    silent: frozenset[int] = frozenset()
    slow: frozenset[int] = frozenset()
    lost: bool = False
    said: bytes = b"ERROR: as it was told"
    asked: list[int] = field(default_factory=list)
    restored: list[tuple[int, str]] = field(default_factory=list)
    followed: str = ""

    async def run(self, command: Command, **_: object) -> Completed:
        words = [command] if isinstance(command, str) else list(command)
        options = dict(word[2:].partition("=")[::2] for word in words if word.startswith("--"))
        if "repo-ls" in words:
            self.asked.append(int(options["repo"]))
            return Completed(49 if self.asked[-1] in self.silent else 0, b"", b"")
        if words[-1] == "restore":
            number = int(options["repo"])
            self.restored.append((number, options.get("set", "newest")))
            if self.lost:
                raise Unreachable("the server is lost")
            if number in self.slow:
                raise DeadlinePassed("the restore did not end in time")
            return Completed(self.ends.get(number, 0), b"", self.said)
        return Completed(0, b"", b"")

    async def get(self, path: str, **_: object) -> bytes:
        assert path == f"{CLUSTER.data}/postgresql.auto.conf"
        return b"recovery_target_timeline = 'current'\n"

    async def put(self, _path: str, content: bytes, **_: object) -> None:
        self.followed = content.decode().splitlines()[-1]


async def restored(server: Bare, labels: dict[str, str], sources: list[Repository]) -> None:
    host: Host = server  # type: ignore[assignment]  # it answers what a restore asks
    part = Part("postgres", "db", 1, "2026-11-22T14:00:00+00:00", 7, {"labels": labels})
    await restore_from_any(host, CLUSTER, part, sources, 1)


async def test_the_first_vault_that_has_the_backup_gives_it() -> None:
    server = Bare()
    await restored(server, LABELS, SOURCES)
    assert server.restored == [(3, LABELS["main"])]
    assert server.followed == "recovery_target_timeline = '1'"


async def test_a_vault_that_is_silent_is_passed_over_without_trying_for_minutes() -> None:
    server = Bare(silent=frozenset({3}))
    await restored(server, LABELS, SOURCES)
    assert server.restored == [(4, LABELS["other"])]


@pytest.mark.parametrize("end", [29, 55, 103])
async def test_a_backup_that_cannot_be_restored_is_taken_from_the_next_vault(
    end: int, caplog: pytest.LogCaptureFixture
) -> None:
    server = Bare({3: end})
    await restored(server, LABELS, SOURCES)
    assert [number for number, _ in server.restored] == [3, 4]
    assert LABELS["main"] in caplog.text, "it is told"


async def test_a_vault_that_is_too_slow_is_given_up_for_the_next() -> None:
    server = Bare(slow=frozenset({3}))
    await restored(server, LABELS, SOURCES)
    assert [number for number, _ in server.restored] == [3, 4]


async def test_where_every_vault_is_too_slow_a_restore_says_so() -> None:
    with pytest.raises(DeadlinePassed):
        await restored(Bare(slow=frozenset({3, 4})), LABELS, SOURCES)


async def test_a_server_that_is_lost_is_no_fault_of_a_vault() -> None:
    server = Bare(lost=True)
    with pytest.raises(Unreachable):
        await restored(server, LABELS, SOURCES)
    assert len(server.restored) == 1


async def test_a_full_disk_of_the_server_is_no_fault_of_a_vault() -> None:
    server = Bare({3: 64, 4: 64}, said=b"unable to write: [28] No space left on device")
    with pytest.raises(RestoreFailed, match="The server's disk is full") as caught:
        await restored(server, LABELS, SOURCES)
    assert [number for number, _ in server.restored] == [3], "no other vault is asked in vain"
    assert "database db" in caught.value.facts.happened
    assert "vault main" in caught.value.facts.happened
    assert caught.value.facts.safe == "The vault is untouched."


async def test_a_vault_that_the_point_does_not_name_gives_its_newest_backup_at_last() -> None:
    """It was away when the point was taken, and got a backup of its own later."""
    server = Bare(silent=frozenset({3}))
    await restored(server, {"main": LABELS["main"]}, SOURCES)
    assert server.restored == [(4, "newest")]
    whole = Bare()
    await restored(whole, {"other": LABELS["other"]}, SOURCES)
    assert whole.restored == [(4, LABELS["other"])], "the one that is named comes first"


async def test_damage_in_every_vault_is_told_as_damage() -> None:
    with pytest.raises(NotAsSealed, match="damaged in vault main"):
        await restored(Bare({3: 29, 4: 103}), LABELS, SOURCES)


async def test_a_single_vault_is_restored_from_and_asked_for_nothing_before() -> None:
    alone = [one for one in SOURCES if one.vault.name == "main"]
    server = Bare()
    await restored(server, LABELS, alone)
    assert (server.asked, server.restored) == ([], [(2, LABELS["main"])])
    renamed = Bare()
    await restored(renamed, {"gone": "20261122-3F"}, alone)
    assert (renamed.asked, renamed.restored) == ([], [(2, "newest")])


async def test_without_any_archive_of_the_points_epoch_nothing_is_restored() -> None:
    with pytest.raises(RestoreFailed, match="No vault at hand"):
        await restored(Bare(), LABELS, [one for one in SOURCES if one.epoch == 2])
