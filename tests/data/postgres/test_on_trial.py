"""A copy on trial is promoted while the database that it was taken from lives and archives on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from tests.data.cluster import CLUSTER
from tests.data.conftest import PATIENCE
from tests.data.postgres.test_failover import archived, postgres, primary_with_a_backup, sql

from liferaft.data.postgres.layout import OWN_DATABASE
from liferaft.remote.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.data.conftest import Lab, LocalHost

# Fetches nothing as long as it is held.
HELD = """#!/bin/bash
case "$*" in *archive-get*)
  touch /tmp/asked; while [ -e /tmp/held ]; do sleep 0.1; done ;;
esac
exec /usr/bin/pgbackrest.real "$@"
"""


@pytest.mark.sandbox
@pytest.mark.timeout(600)
@pytest.mark.parametrize("lab", [("old", "new")], indirect=True)
async def test_what_the_archive_removes_meanwhile_does_not_end_the_promotion(lab: Lab) -> None:
    old, new = lab.hosts["old"], lab.hosts["new"]
    part = await primary_with_a_backup(lab, old)
    await archived(old)
    copy = postgres(lab, new, 2, 1)
    await copy.restore(new, part, marker="run-2/point-1")
    await comes_true(lambda: says(new, "select count(*) > 50 from post"), "it replays")
    await sql(new, "alter system set max_standby_archive_delay = '2s'")
    await sql(new, "select pg_reload_conf()")
    await new.text("mv /usr/bin/pgbackrest /usr/bin/pgbackrest.real; touch /tmp/held")
    await new.put("/usr/bin/pgbackrest", HELD.encode(), mode=0o755)
    await old.text(
        f"runuser -u postgres -- psql -Xqd {OWN_DATABASE} -c 'vacuum liferaft.heartbeat'"
    )
    newest = await archived(old)
    await comes_true(lambda: is_there(new, "/tmp/asked"), "the standby asks for what came since")

    promoted = asyncio.create_task(copy.promote_copy(new))
    await comes_true(lambda: is_there(new, f"{CLUSTER.data}/promote"), "it is to be promoted")
    await new.text("rm /tmp/held")
    await promoted
    assert await copy.is_promoted_copy(new)
    assert not (await copy.status(new)).in_recovery
    assert int(await sql(new, "select max(id) from post")) >= newest, "it was replayed"


async def is_there(host: LocalHost, path: str) -> bool:
    return (await host.run(["test", "-e", path], check=False)).exit_code == 0


async def says(host: LocalHost, query: str) -> bool:
    return await sql(host, query) == "t"


async def comes_true(holds: Callable[[], Awaitable[bool]], what: str) -> None:
    assert await wait_until(holds, seconds=PATIENCE, every=0.1), what
