"""PostgreSQL at its private address, which comes late: real hosts and programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.data.cluster import CLUSTER
from tests.data.conftest import PATIENCE

from liferaft.data.postgres.dataset import Postgres
from liferaft.data.postgres.layout import Database
from liferaft.data.postgres.listening import NotListening, is_listening, require_listening

if TYPE_CHECKING:
    from tests.data.conftest import Lab

ADDRESS_OF = "/etc/systemd/network/05-lab.network"
ANSWERS = "until runuser -u postgres -- psql -XqAt -c 'select 1'; do sleep 0.2; done"


@pytest.mark.sandbox
@pytest.mark.timeout(900)
async def test_an_address_that_comes_after_postgres_has_started_is_listened_at(lab: Lab) -> None:
    host = lab.hosts["one"]
    database = Database(
        "chirp", "chirp", "the-apps-password", host.address, "10.99.0.0/24", CLUSTER
    )
    await Postgres("db", database, (lab.vault,), "the-passphrase", 1).configure(host)
    assert await is_listening(host, database)

    await host.text(f"sed -i.kept /^Address/d {ADDRESS_OF}")
    await host.reboot()
    await host.text(ANSWERS, deadline=PATIENCE)
    assert host.address not in await host.text("hostname --all-ip-addresses")
    assert not await is_listening(host, database)
    with pytest.raises(NotListening, match=rf"{host.address}.* The server has no address at all"):
        await require_listening(host, database, seconds=1)

    await host.text(f"mv {ADDRESS_OF}.kept {ADDRESS_OF}; networkctl reload")
    await require_listening(host, database, seconds=PATIENCE)
    listening = await host.text("ss -Hltn 'sport = :5432' | awk '{print $4}' | sort")
    assert listening.split() == [f"{host.address}:5432", "127.0.0.1:5432"]
