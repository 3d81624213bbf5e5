"""What the app's role may do with the app's database: all that an owner may."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.data.cluster import CLUSTER

from liferaft.data.postgres.dataset import Postgres
from liferaft.data.postgres.layout import Database

if TYPE_CHECKING:
    from tests.data.conftest import Lab, LocalHost

PASSWORD = "the-apps-password-93ab"


async def as_the_app(host: LocalHost, command: str) -> str:
    """Over the private network, with its password: as a tool on another server does it."""
    address = f"-h {host.address} -U chirp"
    return await host.text(command.replace("AS_APP", address))


@pytest.mark.sandbox
@pytest.mark.timeout(600)
async def test_any_tool_that_dumps_as_the_owner_works_and_what_it_dumps_comes_back(
    lab: Lab,
) -> None:
    host = lab.hosts["one"]
    database = Database("chirp", "chirp", PASSWORD, host.address, "10.99.0.0/24", CLUSTER)
    data = Postgres("db", database, (lab.vault,), "the-passphrase", 1)
    await data.configure(host)
    await host.put("/root/.pgpass", f"{host.address}:5432:chirp:chirp:{PASSWORD}\n".encode())
    note = "create table note as select 'kept' as said"
    await as_the_app(host, f'psql -Xq AS_APP -c "{note}" chirp')

    await as_the_app(host, "pg_dump AS_APP -Fc -f /tmp/dump chirp")
    assert "liferaft" not in await host.text("pg_restore -f - /tmp/dump")
    await as_the_app(host, 'psql -Xq AS_APP -c "update note set said = null" chirp')
    await as_the_app(host, "pg_restore AS_APP --clean --exit-on-error -d chirp /tmp/dump")
    assert await as_the_app(host, 'psql -XqAt AS_APP -c "select said from note" chirp') == "kept"

    assert (await data.last_heartbeat(host)).epoch == 1
    assert not await data.configure(host), "our own tables are where they are looked for"
