"""A database through a termination: real hosts, PostgreSQL, pgBackRest and object store."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from liferaft.data.failures import AlreadyReigns
from liferaft.data.postgres.backup import backed_up
from liferaft.data.postgres.configuration import Repository
from liferaft.data.postgres.layout import Database
from liferaft.data.postgres.primary import configured_as_primary, last_heartbeat
from liferaft.data.postgres.replay import replayed_to_end
from liferaft.data.postgres.session import status
from liferaft.data.postgres.standby import is_restored, restored_as_standby
from liferaft.data.postgres.takeover import SEQUENCE_JUMP, is_promoted, taken_over

CIPHER = "the-archives-passphrase-41c9"
PASSWORD = "the-apps-password-93ab"
WRITER = (
    "create table if not exists post (id bigint generated always as identity primary key,"
    " at timestamptz default clock_timestamp())"
)

if TYPE_CHECKING:
    from tests.data.conftest import Lab, LocalHost
# Fails every third fetch of a segment in ways that a dead store and a broken line do.
FAULTY = """#!/bin/bash
case "$*" in *archive-get*)
  n=$(cat /tmp/faults 2>/dev/null || echo 0); echo $((n + 1)) >/tmp/faults
  ((n % 3 == 0)) && { echo >>/tmp/injected; exit $((n % 2 ? 103 : 49)); } ;;
esac
exec /usr/bin/pgbackrest.real "$@"
"""


def database_at(host: LocalHost) -> Database:
    return Database("chirp", "chirp", PASSWORD, host.address, "10.99.0.0/24")


def repository(lab: Lab, epoch: int) -> Repository:
    return Repository(lab.vault, epoch, CIPHER)


async def sql(host: LocalHost, statement: str, database: str = "chirp") -> str:
    argv = ["runuser", "-u", "postgres", "--", "psql", "-XqAt", "-d", database]
    return (await host.run(argv, stdin=statement.encode(), deadline=60)).text


async def start_writing(host: LocalHost) -> None:
    await sql(host, WRITER)
    script = "insert into post default values returning id \\watch 0.02\n"
    await host.put("/tmp/writer.sql", script.encode(), mode=0o644, owner="root")
    await host.text(
        "systemd-run --unit=writer --uid=postgres bash -c"
        " 'psql -XqAt -d chirp -f /tmp/writer.sql > /tmp/acknowledged'"
    )


async def acknowledged(host: LocalHost) -> list[int]:
    lines = (await host.text("cat /tmp/acknowledged")).splitlines()
    return [int(line) for line in lines if line.isdecimal()]


@pytest.mark.sandbox
@pytest.mark.parametrize("lab", [("old", "new")], indirect=True)
async def test_only_rows_after_the_last_archived_segment_are_lost_in_a_termination(
    lab: Lab,
) -> None:
    old, new = lab.hosts["old"], lab.hosts["new"]
    first, second = repository(lab, 1), repository(lab, 2)
    await configured_as_primary(old, database_at(old), [first])
    await start_writing(old)
    part = await backed_up(old, "db", [first], marker="run-1")
    again = await backed_up(old, "db", [first], marker="run-1")
    assert again == part
    await sql(old, "select pg_switch_wal()")
    await asyncio.sleep(4)
    archived_until = int(await sql(old, "select max(id) from post"))
    await sql(old, "select pg_switch_wal()")
    await asyncio.sleep(4)
    acked = await acknowledged(old)
    await asyncio.sleep(1)
    acked = await acknowledged(old)
    old.kill()

    await new.text("mv /usr/bin/pgbackrest /usr/bin/pgbackrest.real")
    await new.put("/usr/bin/pgbackrest", FAULTY.encode(), mode=0o755, owner="root")
    restore = {"sources": [first], "reign": [second], "timeline": 1, "marker": "run-2/point-1"}
    await restored_as_standby(new, database_at(new), part, **restore)
    assert await is_restored(new, "run-2/point-1")
    replayed = await replayed_to_end(new, [first], timeline=1, deadline=90)
    assert replayed.holes == ()
    assert (await status(new)).in_recovery
    assert not await is_promoted(new, database_at(new), 2)
    assert int(await new.text("wc -l < /tmp/injected")) >= 2

    beat = await last_heartbeat(new, database_at(new))
    assert beat.epoch == 1

    reign = await taken_over(new, database_at(new), [second])
    assert await is_promoted(new, database_at(new), 2)
    assert await taken_over(new, database_at(new), [second]) == reign
    assert reign.timeline == 2
    assert reign.left_sequences == ()

    restored = {int(line) for line in (await sql(new, "select id from post")).splitlines()}
    lost = sorted(set(acked) - restored)
    assert archived_until in restored
    assert lost
    assert restored >= {one for one in acked if one < lost[0]}
    assert min(lost) > archived_until
    fresh = int(await sql(new, "insert into post default values returning id"))
    assert fresh >= max(restored) + SEQUENCE_JUMP
    assert fresh > max(acked)

    await sql(new, "select pg_switch_wal()")
    second_part = await backed_up(new, "db", [second], marker="run-2")
    assert second_part.epoch == 2
    assert second_part.facts["timeline"] == 2
    assert (await last_heartbeat(new, database_at(new))).epoch == 2
    with pytest.raises(AlreadyReigns):
        await restored_as_standby(new, database_at(new), part, **restore)
