"""Base backups go by pgBackRest's own expire: what stays is restored, with all WAL since."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

import pytest
from tests.data.cluster import CLUSTER
from tests.data.conftest import PATIENCE
from tests.data.postgres.test_damaged_wal import note
from tests.data.postgres.test_trouble import ARCHIVE, RCLONE, postgres, sql

from liferaft.data.postgres.configuration import Repository
from liferaft.data.postgres.expiry import ArchiveOnHost, ExpireFailed, oldest_start
from liferaft.data.postgres.spare import is_before
from liferaft.remote.contract import Completed
from liferaft.site.reach import VaultAccess

if TYPE_CHECKING:
    from tests.data.conftest import Lab, LocalHost

    from liferaft.remote.contract import Host

BACKUPS = f"{ARCHIVE.rpartition('/archive/')[0]}/backup/main"


def test_an_archive_is_needed_from_the_start_of_its_oldest_backup_on() -> None:
    starts = ("0000000100000000000000A4", "0000000100000000000000A2")
    assert oldest_start({"backup": [{"archive": {"start": one}} for one in starts]}) == starts[1]


def test_an_archive_without_a_backup_has_nothing_to_spare() -> None:
    """The backup that needs it may be under way, or an earlier reign's."""
    assert oldest_start({"backup": []}) is None
    assert oldest_start({}) is None


@dataclass
class Watched:
    """A server that does all and keeps what it was given."""

    asked: list[tuple[list[str], bytes]] = field(default_factory=list)

    async def run(self, argv: list[str], *, stdin: bytes = b"", **_: object) -> Completed:
        self.asked.append((argv, stdin))
        return Completed(0, b"", b"")


def said_by(argv: list[str], stdin: bytes) -> str:
    return subprocess.run(argv, input=stdin, capture_output=True, check=True).stdout.decode()


async def test_the_operators_key_is_in_no_file_and_in_no_list_of_processes() -> None:
    server, keys = Watched(), VaultAccess("main", "b", "h", 443, "r", "OPERATORS", "their-secret")
    theirs = Repository(replace(keys, access_key="SERVERS", secret_key="own"), 1, "passphrase")
    there = ArchiveOnHost(cast("Host", server), theirs, CLUSTER)
    await there.let_go(["20261129-091400F"], keys)
    ((argv, stdin),) = server.asked
    assert stdin == b"OPERATORS\ntheir-secret\n"
    assert not [word for word in argv if "OPERATORS" in word or "their-secret" in word]
    shown = 'echo "$PGBACKREST_REPO1_S3_KEY:$PGBACKREST_REPO1_S3_KEY_SECRET"; echo "$@"'
    program = argv.index("pgbackrest", argv.index("-c"))
    begun = [*argv[argv.index("bash") : program + 1], "bash", "-c", shown, *argv[program + 1 :]]
    said = said_by(begun, stdin)
    assert said.splitlines()[0] == "OPERATORS:their-secret"
    assert "--set=20261129-091400F" in said

    await there.let_go(["20261129-091400F"])
    assert server.asked[1][1] == b""
    assert "bash" not in server.asked[1][0], "one key for all: as it was"


async def listed(host: LocalHost, folder: str) -> str:
    """Objects alone: this store shows folders that are empty."""
    return await host.text(f"{RCLONE} lsf --recursive --files-only {folder}")


@pytest.mark.sandbox
@pytest.mark.timeout(900)
@pytest.mark.parametrize("lab", [("old", "new")], indirect=True)
async def test_what_stays_is_restored_and_replayed_to_the_end(lab: Lab) -> None:
    old, new = lab.hosts["old"], lab.hosts["new"]
    first, second = postgres(lab, old, 1), postgres(lab, new, 2, 1)
    first = replace(first, full_seconds=-1.0)  # each backup stands alone
    there = ArchiveOnHost(old, Repository(lab.vault, 1, first.cipher_pass), CLUSTER)
    await first.configure(old)
    await another_key_is_told_and_not_taken_for_an_empty_archive(old, lab)
    await there.configure()
    await sql(old, "create table note (number bigint)")
    parts = []
    for number in range(3):
        await note(old)
        parts.append(await first.snapshot(old, epoch=1, marker=f"run-{number}"))
    labels = [part.facts["labels"]["main"] for part in parts]
    last = await note(old)
    wait = f"until {RCLONE} lsf {ARCHIVE} | grep -q {last}; do sleep 0.3; done"
    await old.text(wait, deadline=PATIENCE)
    begun = (await listed(old, ARCHIVE)).split()[0][:24]
    assert begun < parts[0].facts["archive_start"]

    await a_call_that_is_killed_leaves_whole_backups(there, labels[0])
    revoked = Repository(replace(lab.vault, secret_key="revoked"), 1, first.cipher_pass)
    await ArchiveOnHost(old, revoked, CLUSTER).configure()
    await there.let_go(
        [labels[0]], lab.of_operator
    )  # by the operator's key, whatever the server has
    await there.configure()
    assert labels[0] not in await listed(old, BACKUPS)
    first_needed = oldest_start(await there.information())
    assert first_needed is not None
    assert first_needed == parts[1].facts["archive_start"]
    names = (await listed(old, ARCHIVE)).split()
    older = [name for name in names if is_before(name, first_needed)]
    assert older
    for name in older:
        await old.text(f"{RCLONE} deletefile {ARCHIVE}/{name}")

    await there.let_go([labels[0]])  # once more is nothing
    await the_last_full_backup_is_kept_by_pgbackrest_itself(there, labels)

    await second.restore(new, parts[1], marker="run-new")
    await second.replay_to_end(new, deadline=PATIENCE)
    assert await sql(new, "select max(number) from note") == "4"


async def another_key_is_told_and_not_taken_for_an_empty_archive(host: LocalHost, lab: Lab) -> None:
    """pgBackRest answers such a question with 0, and says it in what it prints."""
    wrong = ArchiveOnHost(host, Repository(lab.vault, 1, "another-passphrase"), CLUSTER)
    await wrong.configure()
    with pytest.raises(ExpireFailed, match="status 99"):
        await wrong.information()
    await ArchiveOnHost(
        host, Repository(lab.vault, 1, postgres(lab, host, 1).cipher_pass), CLUSTER
    ).configure()


async def a_call_that_is_killed_leaves_whole_backups(there: ArchiveOnHost, label: str) -> None:
    """At any moment of the first second; whatever is left is as it says."""
    argv = there.argv(f"--set={label}", "expire")
    for tenths in (1, 3, 6):
        words = ["timeout", "--signal=KILL", f"0.{tenths}", *argv]
        await there.host.run(words, check=False, deadline=PATIENCE)
        info = await there.information()
        assert not [one for one in info["backup"] if one.get("error")]


async def the_last_full_backup_is_kept_by_pgbackrest_itself(
    there: ArchiveOnHost, labels: list[str]
) -> None:
    await there.let_go([labels[2]])
    with pytest.raises(ExpireFailed, match=labels[1]):
        await there.let_go([labels[1]])
    assert [one["label"] for one in (await there.information())["backup"]] == [labels[1]]
