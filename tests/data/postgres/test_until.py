"""A database as of a moment: real PostgreSQL, pgBackRest and object store."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from tests.data.cluster import CLUSTER
from tests.data.conftest import PATIENCE
from tests.data.postgres.test_failover import CIPHER, PASSWORD, archived, sql, start_writing

from liferaft.data.failures import ArchiveHole
from liferaft.data.postgres.dataset import Postgres
from liferaft.data.postgres.layout import Database
from liferaft.data.postgres.replay import ReplayProgress
from liferaft.data.postgres.until import options

if TYPE_CHECKING:
    from tests.data.conftest import Lab, LocalHost


def postgres(lab: Lab, host: LocalHost, epoch: int, *earlier: int, until: str | None) -> Postgres:
    database = Database("chirp", "chirp", PASSWORD, host.address, "10.99.0.0/24", CLUSTER)
    return Postgres("db", database, (lab.vault,), CIPHER, epoch, earlier, 1, until=until)


def test_without_a_moment_everything_is_replayed() -> None:
    assert options(None) == ()


@pytest.mark.sandbox
@pytest.mark.timeout(900)
@pytest.mark.parametrize("lab", [("old", "new")], indirect=True)
async def test_what_was_written_from_a_moment_on_is_dropped_and_all_before_is_there(
    lab: Lab,
) -> None:
    old, new = lab.hosts["old"], lab.hosts["new"]
    first = postgres(lab, old, 1, until=None)
    await first.configure(old)
    await start_writing(old)
    part = await first.snapshot(old, epoch=1, marker="point-1")
    moment = await sql(old, "select date_trunc('seconds', clock_timestamp()) + '1 s'")
    await sql(old, "select pg_sleep(2)")
    expected = int(await sql(old, f"select count(*) from post where at < '{moment}'"))  # noqa: S608
    await sql(old, "delete from post; create table ruin (id int)")
    await archived(old)
    old.kill()

    second = postgres(lab, new, 2, 1, until=moment)
    await second.restore(new, part, marker="run-2")
    progress = ReplayProgress()
    done = await second.replay_until(new, moment, deadline=PATIENCE, progress=progress)
    assert datetime.fromisoformat(done["written_until"]) < datetime.fromisoformat(moment)
    again = await second.replay_until(new, moment, deadline=PATIENCE, progress=progress)
    assert again == done
    assert (await second.status(new)).in_recovery
    await second.prepare_archive(new)
    reign = await second.take_over(new)
    assert reign.timeline == 2
    # A row's own time is taken before its commit: the last one may have come a moment later.
    assert expected - 1 <= int(await sql(new, "select count(*) from post")) <= expected
    assert await sql(new, "select to_regclass('ruin') is null") == "t"
    newest = await second.snapshot(new, epoch=2, marker="point-2")
    assert newest.facts["timeline"] == 2


@pytest.mark.sandbox
@pytest.mark.timeout(900)
@pytest.mark.parametrize("lab", [("old", "new")], indirect=True)
async def test_a_moment_that_the_archive_does_not_reach_is_told_before_any_promotion(
    lab: Lab,
) -> None:
    old, new = lab.hosts["old"], lab.hosts["new"]
    first = postgres(lab, old, 1, until=None)
    await first.configure(old)
    await start_writing(old)
    part = await first.snapshot(old, epoch=1, marker="point-1")
    await archived(old)
    moment = await sql(old, "select clock_timestamp() + '1 day'")
    old.kill()
    second = postgres(lab, new, 2, 1, until=moment)
    await second.restore(new, part, marker="run-2")
    with pytest.raises(ArchiveHole, match="does not reach to"):
        await second.replay_until(new, moment, deadline=PATIENCE, progress=ReplayProgress())
    assert (await second.status(new)).in_recovery
