"""What stands in the way of a promotion is shown, never passed over: real hosts and programs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.data.cluster import CLUSTER
from tests.data.conftest import PATIENCE

from liferaft.data.failures import ArchiveHole, RestoreFailed, VaultSilent
from liferaft.data.postgres.dataset import Postgres
from liferaft.data.postgres.layout import Database
from liferaft.data.postgres.takeover import SEQUENCE_JUMP

if TYPE_CHECKING:
    from tests.data.conftest import Lab, LocalHost

PASSWORD = "the-apps-password-93ab"
RCLONE = "rclone --config /root/lab.conf --ca-cert /etc/ssl/liferaft/vault-ca.pem"
REPOSITORY = "lab:chirp-vault/chirp/epoch-00000001/pgbackrest"
ARCHIVE = f"{REPOSITORY}/{CLUSTER.archive}/0000000100000000"


def postgres(lab: Lab, host: LocalHost, epoch: int, *earlier: int) -> Postgres:
    database = Database("chirp", "chirp", PASSWORD, host.address, "10.99.0.0/24", CLUSTER)
    return Postgres("db", database, (lab.vault,), "the-passphrase", epoch, earlier)


async def sql(host: LocalHost, statement: str) -> str:
    argv = ["runuser", "-u", "postgres", "--", "psql", "-XqAt", "-d", "chirp"]
    return (await host.run(argv, stdin=statement.encode())).text


async def app_sql(host: LocalHost, statement: str, password: str) -> str:
    """As the app does it: over the private network, with a password."""
    line = f"{host.address}:5432:chirp:chirp:{password}\n"
    await host.put("/root/.pgpass", line.encode())
    address = f"host={host.address} user=chirp dbname=chirp"
    asked = await host.run(["psql", "-XqAt", "-c", statement, address], check=False)
    return asked.text or asked.stderr.decode()


@pytest.mark.sandbox
@pytest.mark.timeout(900)
@pytest.mark.parametrize("lab", [("old", "new")], indirect=True)
async def test_a_hole_and_a_silent_vault_stop_before_the_promotion(lab: Lab) -> None:
    old, new = lab.hosts["old"], lab.hosts["new"]
    first = postgres(lab, old, 1)
    await first.configure(old)
    assert await app_sql(old, "select 1", PASSWORD) == "1"
    assert "password authentication failed" in await app_sql(old, "select 1", "wrong")
    tables = (
        "create table note (id smallint generated always as identity (start 32700), said text);"
        "create sequence down increment -1; select nextval('down');"
    )
    await sql(old, tables)
    part = await first.snapshot(old, epoch=1, marker="run-1")
    segments = []
    for _ in range(4):
        await sql(old, "insert into note (said) select count(*)::text from note")
        segments.append(await sql(old, "select pg_walfile_name(pg_switch_wal())"))
    await old.text(
        f"until {RCLONE} lsf {ARCHIVE} | grep -q {segments[-1]}; do sleep 0.3; done",
        deadline=PATIENCE,
    )
    hole = (await old.text(f"{RCLONE} lsf {ARCHIVE}/ | grep {segments[2]}")).strip()
    await old.text(f"{RCLONE} moveto {ARCHIVE}/{hole} lab:old-media/{hole}")

    second = postgres(lab, new, 2, 1)
    wrong = replace(part, facts={**part.facts, "labels": {"main": "20200101-000000F"}})
    with pytest.raises(RestoreFailed) as refused:
        await second.restore(new, wrong, marker="run-2")
    assert "20200101-000000F" in refused.value.facts.details["said"]
    await second.restore(new, part, marker="run-2")
    with pytest.raises(ArchiveHole) as found:
        await second.replay_to_end(new, deadline=PATIENCE)
    assert found.value.facts.details["first"] == segments[2]
    assert found.value.facts.details["newest"] >= segments[3]
    accepted = await second.replay_to_end(new, deadline=PATIENCE, lose_from=segments[2])
    assert accepted.segment == segments[1]
    assert accepted.lost_from == segments[2]

    await old.text(f"{RCLONE} moveto lab:old-media/{hole} {ARCHIVE}/{hole}")
    old.kill()
    await new.text("sed -i 's/objects.lab.test/objects.gone.test/' /etc/hosts")
    with pytest.raises(VaultSilent) as silent:
        await second.replay_to_end(new, deadline=200)
    assert "Vault main does not answer" in silent.value.facts.happened
    await new.text("sed -i 's/objects.gone.test/objects.lab.test/' /etc/hosts")
    whole = await second.replay_to_end(new, deadline=PATIENCE)
    assert whole.lost_from is None

    await second.prepare_archive(new)
    reign = await second.take_over(new)
    assert reign.left_sequences == ("public.note_id_seq",)
    assert int(await sql(new, "select nextval('down')")) <= -SEQUENCE_JUMP
    assert await sql(new, "select string_agg(said, ',' order by id) from note") == "0,1,2,3"
    assert await app_sql(new, "select 1", PASSWORD) == "1"
