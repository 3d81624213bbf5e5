"""How long the disk of a database lasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.data.cluster import CLUSTER
from tests.data.conftest import PATIENCE
from tests.data.postgres.test_trouble import postgres, sql

from liferaft.data.postgres.space import Space, measure
from liferaft.data.postgres.wal import SEGMENT_BYTES

if TYPE_CHECKING:
    from tests.data.conftest import Lab


def test_a_disk_lasts_as_long_as_wal_goes_on_to_pile_up_at_the_same_rate() -> None:
    assert Space(free=100 * SEGMENT_BYTES, waiting=10, behind=120.0).lasts == 1200.0


@pytest.mark.parametrize("behind", [None, 12.0])
def test_an_archive_that_keeps_up_fills_no_disk(behind: float | None) -> None:
    assert Space(free=SEGMENT_BYTES, waiting=1, behind=behind).lasts is None


@pytest.mark.sandbox
@pytest.mark.timeout(600)
async def test_a_vault_that_takes_no_wal_is_seen_in_how_long_the_disk_lasts(lab: Lab) -> None:
    host = lab.hosts["one"]
    await postgres(lab, host, 1).configure(host)
    assert (await measure(host, CLUSTER)).lasts is None

    await host.text("sed -i 's/objects.lab.test/objects.gone.test/' /etc/hosts")
    await sql(host, "create table note (number bigint)")
    for _ in range(3):
        await sql(host, "insert into note select count(*) from note")
        await sql(host, "select pg_switch_wal()")
    # As if it had been so for a while: what counts is the age of what waits.
    ready = f"{CLUSTER.data}/pg_wal/archive_status/*.ready"
    await host.text(f"until touch -d '-10 minutes' {ready}; do sleep 0.3; done", deadline=PATIENCE)
    found = await measure(host, CLUSTER)
    assert found.waiting >= 3
    assert found.lasts is not None
    assert found.lasts <= found.free / (3 * SEGMENT_BYTES / 660)
