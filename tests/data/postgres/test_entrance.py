"""The password by which the application is let in: another one counts from one moment on, and those
who are in stay."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.data.cluster import CLUSTER

from liferaft.data.postgres.dataset import Postgres
from liferaft.data.postgres.entrance import is_let_in, let_in, let_in_again
from liferaft.data.postgres.layout import Database

if TYPE_CHECKING:
    from tests.data.conftest import Lab, LocalHost

OLD, NEW = "the-old-password-93ab", "the-new-password-71cd"


async def comes_in(host: LocalHost, password: str) -> bool:
    """Over the private network, as the application does it."""
    await host.put("/root/.pgpass", f"{host.address}:5432:chirp:chirp:{password}\n".encode())
    said = await host.run(
        ["psql", "-XqAt", "-h", host.address, "-U", "chirp", "-c", "select 1", "chirp"], check=False
    )
    assert said.exit_code == 0 or b"password authentication failed" in said.stderr
    return said.exit_code == 0


@pytest.mark.sandbox
@pytest.mark.timeout(600)
async def test_a_new_password_counts_once_the_application_is_told_and_who_is_in_stays(
    lab: Lab,
) -> None:
    host = lab.hosts["one"]
    old = Database("chirp", "chirp", OLD, host.address, "10.99.0.0/24", CLUSTER)
    new = replace(old, password=NEW)
    await Postgres("db", old, (lab.vault,), "the-passphrase", 1).configure(host)
    assert await comes_in(host, OLD)
    # A deploy configures the database long before it starts the application.
    assert not await Postgres("db", new, (lab.vault,), "the-passphrase", 1).configure(host)
    assert (await comes_in(host, OLD), await is_let_in(host, new)) == (True, False)

    await host.put("/root/.pgpass", f"{host.address}:5432:chirp:chirp:{OLD}\n".encode())
    stays = (
        f"(sleep 8; echo 'select 42;') | psql -XqAt -h {host.address} -U chirp chirp >/tmp/stays "
        "2>&1 & sleep 3"
    )
    await host.run(["bash", "-c", stays])
    before = await let_in(host, new)
    assert (await comes_in(host, OLD), await comes_in(host, NEW)) == (False, True)
    assert await is_let_in(host, new)
    assert not await let_in(host, new), "again, and nothing changes"
    await host.run(["sleep", "7"])
    assert await host.text("cat /tmp/stays") == "42"

    await let_in_again(host, old, before)  # as where the application did not come up
    assert (await comes_in(host, OLD), await comes_in(host, NEW)) == (True, False)
