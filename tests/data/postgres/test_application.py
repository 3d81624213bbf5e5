"""The application's database is what it asks for today, and never an empty one beside its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.data.cluster import CLUSTER

from liferaft.data.postgres.dataset import Postgres
from liferaft.data.postgres.entrance import let_in
from liferaft.data.postgres.layout import Database
from liferaft.failures import Refused

if TYPE_CHECKING:
    from tests.data.conftest import Lab, LocalHost


async def said(host: LocalHost, database: Database, query: str) -> str:
    """As the application asks it: over the network, with its password."""
    rows = f"{host.address}:5432:{database.name}:{database.role}:{database.password}\n"
    await host.put("/root/.pgpass", rows.encode())
    asked = f'psql -wXqAt -h {host.address} -U {database.role} -c "{query}" {database.name}'
    return await host.text(asked)


@pytest.mark.sandbox
@pytest.mark.timeout(600)
async def test_what_is_asked_for_is_there_and_what_cannot_be_changes_nothing(lab: Lab) -> None:
    host = lab.hosts["one"]
    asked = Database(
        "feeds",
        "Feeder",
        "of-the-file",
        *(host.address, "10.99.0.0/24", CLUSTER),
        locale="icu:de",
        settings={"max_connections": "150", "work_mem": "5MB"},
        extensions=("pg_trgm", "pg_stat_statements"),
    )

    def data(database: Database) -> Postgres:
        return Postgres("db", database, (lab.vault,), "the-passphrase", 1)

    await data(asked).configure(host)
    assert not await data(asked).configure(host), "the second time changes nothing"
    assert await said(host, asked, "show max_connections") == "150"
    assert await said(host, asked, "show work_mem") == "5MB"
    assert await said(host, asked, "select 'ä' < 'b'") == "t", "by ICU, not byte by byte"
    assert (
        await said(host, asked, "select count(*) from pg_extension where extname ~ '^pg_'") == "2"
    )

    running = await host.text(f"systemctl show -P MainPID {CLUSTER.unit}")
    for wrong, reason in (
        (replace(asked, settings={"shared_buffers": "lots"}), "shared_buffers"),
        (replace(asked, settings={"no_such_thing": "1"}), "no_such_thing"),
        (replace(asked, settings={"shared_preload_libraries": "vchord"}), "no .*vchord.so"),
        (replace(asked, name="others"), "would find no database others: .*feeds"),
        (replace(asked, locale="C"), "orders text as icu:de, and C is asked for"),
    ):
        with pytest.raises(Refused, match=reason):
            await data(wrong).configure(host)
    assert await host.text(f"systemctl show -P MainPID {CLUSTER.unit}") == running
    assert await said(host, asked, "show max_connections") == "150"

    another = replace(asked, password="another")
    assert not await data(another).configure(host)
    assert await said(host, asked, "select 1") == "1", "what runs was told this one"
    await let_in(host, another)
    assert await said(host, another, "select 1") == "1"
