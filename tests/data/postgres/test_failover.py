"""A database through two terminations: real hosts, PostgreSQL, pgBackRest and object store."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from tests.data.cluster import CLUSTER, SYSTEM
from tests.data.conftest import PATIENCE

from liferaft.data.failures import AlreadyPrimary
from liferaft.data.postgres.dataset import Postgres
from liferaft.data.postgres.layout import Database, push_config
from liferaft.data.postgres.platform import Platform, differences, measure
from liferaft.data.postgres.takeover import SEQUENCE_JUMP, Promotion
from liferaft.data.postgres.trial_write import TakesNoWrite

if TYPE_CHECKING:
    from tests.data.conftest import Lab, LocalHost

    from liferaft.recovery.part import Part

CIPHER = "the-archives-passphrase-41c9"
PASSWORD = "the-apps-password-93ab"
POSTS = (
    "create table post (id bigint generated always as identity primary key,"
    " at timestamptz default clock_timestamp())"
)
# Fails every third fetch in ways that a dead store and a broken line do.
FAULTY = """#!/bin/bash
case "$*" in *archive-get*)
  n=$(cat /tmp/faults 2>/dev/null || echo 0); echo $((n + 1)) >/tmp/faults
  ((n % 3 == 0)) && { echo >>/tmp/injected; exit $((n % 2 ? 103 : 49)); } ;;
esac
exec /usr/bin/pgbackrest.real "$@"
"""


def postgres(lab: Lab, host: LocalHost, epoch: int, *earlier: int, timeline: int = 1) -> Postgres:
    database = Database("chirp", "chirp", PASSWORD, host.address, "10.99.0.0/24", CLUSTER)
    return Postgres("db", database, (lab.vault,), CIPHER, epoch, earlier, timeline)


async def sql(host: LocalHost, statement: str) -> str:
    argv = ["runuser", "-u", "postgres", "--", "psql", "-XqAt", "-d", "chirp"]
    return (await host.run(argv, stdin=statement.encode())).text


async def start_writing(host: LocalHost) -> None:
    await sql(host, POSTS)
    script = "insert into post default values returning id \\watch 0.02\n"
    await host.put("/tmp/writer.sql", script.encode(), mode=0o644)
    await host.text(
        "systemd-run --unit=writer --uid=postgres bash -c"
        " 'psql -XqAt -d chirp -f /tmp/writer.sql > /tmp/acknowledged'"
    )


async def acknowledged(host: LocalHost) -> list[int]:
    lines = (await host.text("cat /tmp/acknowledged")).splitlines()
    return [int(line) for line in lines if line.isdecimal()]


async def archived(host: LocalHost) -> int:
    """Ends the segment being written; the newest row that is archived for certain."""
    newest = int(await sql(host, "select max(id) from post"))
    segment = await sql(host, "select pg_walfile_name(pg_switch_wal())")
    async with asyncio.timeout(PATIENCE):
        query = "select last_archived_wal from pg_stat_archiver"
        while await sql(host, query) < segment:  # noqa: ASYNC110  # another process's work
            await asyncio.sleep(0.25)
    return newest


async def archives_no_more(host: LocalHost) -> None:
    """What is written from now on is in no vault: by itself a segment ends every few seconds."""
    await host.text("touch /etc/pgbackrest/liferaft/push/main/out")


async def writes_on(host: LocalHost) -> list[int]:
    """What is acknowledged once there are rows that were not before."""
    before = await acknowledged(host)
    async with asyncio.timeout(PATIENCE):
        while len(now := await acknowledged(host)) < len(before) + 50:  # noqa: ASYNC110  # as above
            await asyncio.sleep(0.1)
    return now


async def primary_with_a_backup(lab: Lab, host: LocalHost) -> Part:
    first = postgres(lab, host, 1)
    await first.configure(host)
    await start_writing(host)
    seen = await host.seen_while(first.snapshot(host, epoch=1, marker="run-1"))
    part = await first.snapshot(host, epoch=1, marker="run-1")
    kept = Platform.from_json(part.facts["platform"])
    assert (kept.system, kept.postgresql) == (SYSTEM.replace("-", " "), CLUSTER.version)
    assert kept.collations == "libc C.UTF-8"
    assert differences(kept, await measure(host, CLUSTER)) == ()
    assert "backup" in seen
    assert "archive-push" in seen
    secrets = (CIPHER, PASSWORD, lab.vault.secret_key)
    assert not [secret for secret in secrets if secret in seen]
    await no_small_file_is_asked_for_by_itself(host, part)
    server = await host.text(f"systemctl show -P MainPID {CLUSTER.unit}")
    await first.configure(host)
    assert await host.text(f"systemctl show -P MainPID {CLUSTER.unit}") == server
    return part


async def no_small_file_is_asked_for_by_itself(host: LocalHost, part: Part) -> None:
    """A restore asks the vault once more for each file of which blocks are kept (`bim`): of a small
    database that was most of its time."""
    ask = ("pgbackrest", f"--config={push_config('main', 1)}", "--stanza=main", "repo-get")
    manifest = f"backup/main/{part.facts['labels']['main']}/backup.manifest"
    text = (await host.run(["runuser", "-u", "postgres", "--", *ask, manifest])).text
    assert text.count('"checksum":') > 500
    assert text.count('"bim":') < 10


async def fails_every_third_fetch(host: LocalHost) -> None:
    await host.text("mv /usr/bin/pgbackrest /usr/bin/pgbackrest.real")
    await host.put("/usr/bin/pgbackrest", FAULTY.encode(), mode=0o755)


async def killed_and_run_again(new: LocalHost, second: Postgres, part: Part) -> None:
    """A restore whose operator dies leaves its program behind; the next one begins anew."""
    begun = asyncio.create_task(second.restore(new, part, marker="run-2/point-1"))
    restoring = ["systemctl", "is-active", "liferaft-postgres-restore.service"]
    while (await new.run(restoring, check=False)).exit_code != 0:
        assert not begun.done()
        await asyncio.sleep(0.02)
    begun.cancel()
    assert not await second.is_restored(new, marker="run-2/point-1")
    said = await second.restore(new, part, marker="run-2/point-1")
    assert said["seconds"].keys() == {"restore", "start"}, "as a trial measures them"
    assert await second.is_restored(new, marker="run-2/point-1")
    await second.verify(new, part)


@pytest.mark.sandbox
@pytest.mark.timeout(900)
@pytest.mark.parametrize("lab", [("old", "new", "third")], indirect=True)
async def test_only_rows_after_the_last_archived_segment_are_lost(lab: Lab) -> None:
    old, new = lab.hosts["old"], lab.hosts["new"]
    part = await primary_with_a_backup(lab, old)
    safe = await archived(old)
    await archives_no_more(old)
    acked = await writes_on(old)
    old.kill()

    await fails_every_third_fetch(new)
    second = postgres(lab, new, 2, 1)
    await killed_and_run_again(new, second, part)
    replayed = await second.replay_to_end(new, deadline=PATIENCE)
    assert replayed.lost_from is None
    assert (await second.status(new)).in_recovery
    assert not await second.is_promoted(new)
    assert int(await new.text("wc -l < /tmp/injected")) >= 2
    assert (await second.last_heartbeat(new)).epoch == 1

    await second.prepare_archive(new)
    reign = await second.take_over(new)
    assert await second.is_promoted(new)
    assert await second.take_over(new) == reign
    assert (reign.timeline, reign.left_sequences) == (2, ())

    restored = {int(line) for line in (await sql(new, "select id from post")).splitlines()}
    lost = sorted(set(acked) - restored)
    assert lost
    assert lost[0] > safe
    assert restored >= {one for one in acked if one < lost[0]}
    fresh = int(await sql(new, "insert into post default values returning id"))
    assert fresh >= max(restored) + SEQUENCE_JUMP
    await second_hop_at_once(lab, part, reign)


async def second_hop_at_once(lab: Lab, part: Part, reign: Promotion) -> None:
    """The new reign has an archive and no backup of its own yet: that is enough."""
    new, third = lab.hosts["new"], lab.hosts["third"]
    second = postgres(lab, new, 2, 1)
    async with asyncio.timeout(PATIENCE):
        while (await second.last_heartbeat(new)).epoch != 2:  # noqa: ASYNC110  # as above
            await asyncio.sleep(0.25)
    safe = await archived(new)
    await archives_no_more(new)
    await sql(new, "insert into post default values")
    with pytest.raises(AlreadyPrimary):
        await second.restore(new, part, marker="run-2/point-1")
    new.kill()

    hop = postgres(lab, third, 3, 1, 2, timeline=reign.timeline)
    await hop.restore(third, part, marker="run-3/point-1")
    await hop.replay_to_end(third, deadline=PATIENCE)
    await hop.prepare_archive(third)
    assert (await hop.take_over(third)).timeline == 3
    assert int(await sql(third, "select max(id) from post")) == safe
    assert (await hop.last_heartbeat(third)).epoch >= 2
    newest = await hop.snapshot(third, epoch=3, marker="run-3")
    assert (newest.epoch, newest.facts["timeline"]) == (3, 3)
    await a_deploy_after_the_failover_restarts_nothing(hop, third)
    await a_drill_would_find_that_its_application_cannot_write(hop, third)


async def a_drill_would_find_that_its_application_cannot_write(
    hop: Postgres, third: LocalHost
) -> None:
    """As with a setting that somebody made in an emergency, and that came back with the data."""
    await hop.write_and_read(third)
    assert await hop.has_written(third)
    assert await sql(third, "select to_regnamespace('liferaft_on_trial') is null") == "t"
    await sql(third, "alter database chirp set default_transaction_read_only = on")
    with pytest.raises(TakesNoWrite) as raised:
        await hop.write_and_read(third)
    assert "read-only transaction" in raised.value.facts.details["said"]


async def a_deploy_after_the_failover_restarts_nothing(hop: Postgres, third: LocalHost) -> None:
    server = await third.text(f"systemctl show -P MainPID {CLUSTER.unit}")
    assert not await hop.configure(third)
    assert await third.text(f"systemctl show -P MainPID {CLUSTER.unit}") == server
    assert await third.text("systemctl is-active liferaft-archive-clock") == "active"
