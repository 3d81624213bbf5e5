"""What the server of a database answers, and what is made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.data.cluster import CLUSTER
from tests.data.conftest import PATIENCE
from tests.data.postgres.test_trouble import postgres, sql

from liferaft.data.exposure import Backlog
from liferaft.data.postgres.exposure import ask, lags_of
from liferaft.data.postgres.wal import SEGMENT_BYTES
from liferaft.remote.acts import HostActFailed
from liferaft.remote.waiting import wait_until

if TYPE_CHECKING:
    from tests.data.conftest import Lab


def test_a_vault_that_gets_no_wal_says_why_it_is_behind() -> None:
    row = {"vault": "depot", "seconds": 60.0, "size": None, "note": "out"}
    assert lags_of({"vaults": [row]}) == (Backlog("depot", 60.0, why="TAKEN OUT: it gets no WAL"),)


def test_a_server_that_cannot_tell_is_no_server_with_nothing_to_lose() -> None:
    with pytest.raises(HostActFailed, match="does not reign"):
        lags_of({"trouble": "this server does not archive: it does not reign"})


@pytest.mark.sandbox
@pytest.mark.timeout(600)
async def test_what_a_vault_does_not_take_is_told_in_bytes_and_seconds(lab: Lab) -> None:
    host = lab.hosts["one"]
    await postgres(lab, host, 1).configure(host)
    await sql(host, "create table note (number bigint)")

    async def keeps_up() -> bool:
        (found,) = await ask(host, CLUSTER)
        return (
            found.seconds is not None and found.seconds < 20 and (found.size or 0) < SEGMENT_BYTES
        )

    assert await wait_until(keeps_up, seconds=PATIENCE)
    await host.text("sed -i 's/objects.lab.test/objects.gone.test/' /etc/hosts")
    for _ in range(3):
        await sql(host, "insert into note select count(*) from note")
        await sql(host, "select pg_switch_wal()")
    (found,) = await ask(host, CLUSTER)
    assert found.vault == "main"
    assert found.size is not None
    assert found.size >= 3 * SEGMENT_BYTES
    assert found.seconds is not None
    before = found.seconds
    await host.text("sleep 3")
    (found,) = await ask(host, CLUSTER)
    assert found.seconds is not None
    assert found.seconds >= before + 3, "it grows for as long as nothing comes through"
    await host.text(f"systemctl stop {CLUSTER.unit}")
    with pytest.raises(HostActFailed, match="PostgreSQL does not answer"):
        await ask(host, CLUSTER)
