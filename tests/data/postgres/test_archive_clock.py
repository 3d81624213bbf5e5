"""The archive follows within seconds after any start of PostgreSQL, whoever started it."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.data.cluster import CLUSTER
from tests.data.conftest import PATIENCE

from liferaft.data.postgres.configuration import (
    ARCHIVE_SECONDS,
    ENDED_WITHIN_SECONDS,
    SPARE_SECONDS,
    program_files,
    server_files,
)
from liferaft.data.postgres.dataset import Postgres
from liferaft.data.postgres.layout import Database

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.data.conftest import Lab, LocalHost

DOCS = Path(__file__).parents[3] / "docs"
CLOCK = "liferaft-archive-clock.service"
BUSY_SECONDS = 10.0
"""How much later than promised a busy machine may come to it."""
SERVER = CLUSTER.unit
DATABASE = Database("chirp", "chirp", "password", "10.0.1.5", "10.0.0.0/16")


def test_the_documents_name_the_longest_time_for_which_a_write_waits_in_a_segment() -> None:
    clock = next(
        file.content.decode() for file in program_files() if file.path.endswith("archive-clock.sql")
    )
    assert f"spare constant interval := '{SPARE_SECONDS}s'" in clock
    looks_every = re.search(r"\\watch (\d+)", clock)
    assert looks_every
    assert ARCHIVE_SECONDS + SPARE_SECONDS + int(looks_every[1]) == ENDED_WITHIN_SECONDS
    assert f"archive_timeout = '{ARCHIVE_SECONDS}s'" in server_files(DATABASE)[0].content.decode()
    for page in ("known-gaps.md", "configuration.md", "decisions/020-the-archives-own-clock.md"):
        assert f"{ENDED_WITHIN_SECONDS} s" in (DOCS / page).read_text()


async def sql(host: LocalHost, statement: str) -> str:
    argv = ["runuser", "-u", "postgres", "--", "psql", "-XqAt", "-d", "chirp"]
    return (await host.run(argv, stdin=statement.encode())).text


async def comes_true(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await holds():  # noqa: ASYNC110  # another process's work
            await asyncio.sleep(0.25)


async def checkpointer_sleeps(host: LocalHost) -> str:
    """As it may for its first checkpoint_timeout: whatever ends a segment now is not PostgreSQL's
    own clock. Its pid."""
    pid = await sql(host, "select pid from pg_stat_activity where backend_type = 'checkpointer'")
    await host.text(f"kill -STOP {pid}")
    return pid


async def written_and_archived(host: LocalHost) -> str:
    """The segment of a row that is written now, once a vault holds all of it."""
    await sql(host, "insert into note values ('written after a start')")
    segment = await sql(host, "select pg_walfile_name(pg_current_wal_insert_lsn())")

    async def is_archived() -> bool:
        newest = await sql(host, "select last_archived_wal from pg_stat_archiver")
        return newest[:24] >= segment

    await comes_true(is_archived)
    return segment


async def killed(host: LocalHost) -> None:
    """The server dies with its backends and comes back by itself, through crash recovery."""
    await host.text(
        f"kill -KILL $(pgrep -u postgres -f 'postgres: {CLUSTER.version}/main: walwriter')"
    )


async def restarted_by_hand(host: LocalHost) -> None:
    await host.text(f"systemctl restart {SERVER}")


async def started_past_systemd(host: LocalHost) -> None:
    start = f"pg_ctlcluster --skip-systemctl-redirect {CLUSTER.version} main start >/dev/null 2>&1"
    await host.text(f"systemctl stop {SERVER}; {start}", deadline=PATIENCE)


@pytest.mark.sandbox
@pytest.mark.timeout(900)
async def test_what_is_written_after_any_start_is_archived_without_a_snapshot(lab: Lab) -> None:
    host = lab.hosts["one"]
    database = Database("chirp", "chirp", "password", host.address, "10.99.0.0/24", CLUSTER)
    data = Postgres("db", database, (lab.vault,), "the-passphrase", 1)
    assert await data.configure(host)
    await sql(host, "create table note (said text)")

    async def answers() -> bool:
        asked = await host.run(
            ["runuser", "-u", "postgres", "--", "psql", "-XqAt", "-c", "select 1"], check=False
        )
        return asked.text == "1"

    for start in (None, restarted_by_hand, killed, started_past_systemd):
        if start is not None:
            await start(host)
            await comes_true(answers)
        checkpointer = await checkpointer_sleeps(host)
        segment = await written_and_archived(host)
        await host.text(f"kill -CONT {checkpointer}")
        told = await host.text(f"journalctl -u {CLOCK} -o cat")
        ended = re.search(rf"ended segment {segment} after ([0-9.]+) s", told)
        assert ended, (start, told)
        assert float(ended[1]) <= ENDED_WITHIN_SECONDS + BUSY_SECONDS

    await an_earlier_site_gets_the_clock(data, host)


async def an_earlier_site_gets_the_clock(data: Postgres, host: LocalHost) -> None:
    """A deploy brings it where it is missing or another, and then finds nothing to change."""

    async def is_told() -> bool:
        return await host.text(f"systemctl is-active {CLOCK} || true") == "active"

    await comes_true(is_told)
    assert not await data.configure(host)
    await host.text(f"systemctl disable --now {CLOCK}; rm /etc/systemd/system/{CLOCK}")
    assert await data.configure(host)
    assert not await data.configure(host)
    await host.text(
        "sleep 1.1; echo '-- of an earlier version' >/usr/lib/liferaft/archive-clock.sql"
    )
    assert await data.configure(host)
    assert not await data.configure(host)
    assert await is_told()
