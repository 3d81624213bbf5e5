"""A whole reign with a key that may delete next to nothing, on real hosts: what servers do in a
vault gets along with it, and what it keeps whoever steals it from.

The other tests on real hosts have the same key.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.data.cluster import CLUSTER
from tests.data.conftest import PATIENCE, SECRET_KEY
from tests.data.postgres.test_damaged_wal import note
from tests.data.postgres.test_expiry import listed
from tests.data.postgres.test_trouble import ARCHIVE, RCLONE, REPOSITORY, postgres, sql

from liferaft.data.failures import SnapshotFailed
from liferaft.data.postgres.configuration import Repository
from liferaft.data.postgres.expiry import ArchiveOnHost, ExpireFailed

if TYPE_CHECKING:
    from tests.data.conftest import Lab, LocalHost

BACKUPS = f"{REPOSITORY}/backup/main"
pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(900)]


async def as_thief(host: LocalHost, lab: Lab, *words: str) -> int:
    """How rclone ends with the key that the server has."""
    opened = (
        f"[lab]\ntype=s3\nprovider=Other\nendpoint={lab.vault.url}\nforce_path_style=true\n"
        f"access_key_id={lab.vault.access_key}\nsecret_access_key={SECRET_KEY}\n"
    )
    await host.put("/root/thief.conf", opened.encode())
    argv = ("--ca-cert", "/etc/ssl/liferaft/vault-ca.pem", "--retries=1", "--s3-no-check-bucket")
    asked = ["rclone", "--config=/root/thief.conf", *argv, *words]
    return (await host.run(asked, check=False, deadline=PATIENCE)).exit_code


async def is_archived(host: LocalHost, segment: str) -> None:
    wait = f"until {RCLONE} lsf {ARCHIVE} | grep -q {segment}; do sleep 0.3; done"
    await host.text(wait, deadline=PATIENCE)


@pytest.mark.parametrize("lab", [("old", "new")], indirect=True)
async def test_a_reign_and_its_restore_need_no_right_to_delete_but_for_unfinished_backups(
    lab: Lab,
) -> None:
    old, new = lab.hosts["old"], lab.hosts["new"]
    first = postgres(lab, old, 1)
    await first.configure(old)
    await sql(old, "create table note (number bigint)")
    parts = [await first.snapshot(old, epoch=1, marker=f"run-{number}") for number in range(2)]
    labels = [part.facts["labels"]["main"] for part in parts]

    assert labels[1].startswith(f"{labels[0]}_"), "what changed since the first"

    # One that is broken off has its second manifest alone.
    await old.text(f"{RCLONE} deletefile {BACKUPS}/{labels[1]}/backup.manifest")
    await old.text(f"{RCLONE} delete --include '{labels[1]}*' {BACKUPS}/backup.history")
    await note(old)
    whole = replace(first, full_seconds=-1.0)  # one of another kind does not go on with it
    third = await whole.snapshot(old, epoch=1, marker="run-2")
    there = await listed(old, BACKUPS)
    assert f"{labels[1]}/" not in there, "what it left is gone"

    last = await note(old)
    await is_archived(old, last)
    await the_thief_of_that_key_deletes_no_wal(old, lab, last)

    # A restore has to write nothing into the vault.
    second = replace(postgres(lab, new, 2, 1), stores=(lab.for_reading,))
    await second.restore(new, third, marker="run-new")
    await second.replay_to_end(new, deadline=PATIENCE)
    assert await sql(new, "select max(number) from note") == "2"
    await backups_go_by_the_operators_key_alone(old, lab, labels[0])


async def the_thief_of_that_key_deletes_no_wal(host: LocalHost, lab: Lab, segment: str) -> None:
    name = (await host.text(f"{RCLONE} lsf {ARCHIVE} | grep {segment}")).strip()
    assert await as_thief(host, lab, "cat", f"{ARCHIVE}/{name}") == 0
    assert await as_thief(host, lab, "deletefile", f"{ARCHIVE}/{name}") != 0
    assert name in await host.text(f"{RCLONE} lsf {ARCHIVE}")


async def backups_go_by_the_operators_key_alone(host: LocalHost, lab: Lab, label: str) -> None:
    """Where the server has one that cannot even do that: pgBackRest says so, and the operator's
    does it."""
    reading = Repository(lab.for_reading, 1, "the-passphrase")
    there = ArchiveOnHost(host, reading, CLUSTER)
    await there.configure()
    with pytest.raises(ExpireFailed):
        await there.let_go([label])
    await there.let_go([label], lab.of_operator)
    assert f"{label}/" not in await listed(host, BACKUPS)


async def test_a_key_without_the_right_to_delete_backups_is_named_by_the_backup(lab: Lab) -> None:
    """Why the policy has it: pgBackRest ends each with a deletion, of what is not there."""
    host = lab.hosts["one"]
    data = postgres(lab, host, 1)
    await data.configure(host)
    strict = replace(data, stores=(replace(lab.vault, access_key="strict"),))
    await strict.configure(host)
    with pytest.raises(SnapshotFailed, match="may not do this") as failed:
        await strict.snapshot(host, epoch=1, marker="run-1")
    assert "DELETE /chirp-vault" in failed.value.facts.details["said"]
