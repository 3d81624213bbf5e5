"""What the archive names is in the vault: the keeper and the archiver, with real programs."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.data.cluster import CLUSTER
from tests.data.conftest import PATIENCE

from liferaft.data.bucket.bucketcopy.sealing import GONE, Seal
from liferaft.data.bucket.dataset import BucketData
from liferaft.data.bucket.keeper import is_keeping, start_keeper, wait_for_first_copy
from liferaft.data.bucket.program import SiteBucket
from liferaft.data.failures import SnapshotFailed
from liferaft.data.postgres.dataset import Postgres
from liferaft.data.postgres.layout import Database
from liferaft.data.rclone import CryptSecrets, Sealed
from liferaft.plan.telling import TOLD

if TYPE_CHECKING:
    from tests.data.conftest import Lab, LocalHost

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(900)]  # hosts that boot
SEAL = CryptSecrets("the-seals-password-55e1", "the-seals-salt-0a7c")
UNIT = "liferaft-bucket-keeper@main:media.service"
KEPT = "/var/lib/liferaft/data/kept/main/media"
RCLONE = "rclone --config /root/lab.conf --ca-cert /etc/ssl/liferaft/vault-ca.pem"


def media(lab: Lab, bucket: str, *later: int, key: str | None = None) -> BucketData:
    vault = lab.vault
    secret = vault.secret_key if key is None else key
    site = SiteBucket(bucket, vault.url, vault.region, vault.access_key, secret, vault.ca_file)
    return BucketData("media", site, Sealed(vault, SEAL), later)


async def stored(host: LocalHost, bucket: str, *names: str) -> None:
    for name in names:
        await host.text(f"echo {name} | {RCLONE} rcat lab:{bucket}/{name}")


async def names_in(host: LocalHost, bucket: str) -> set[str]:
    return set((await host.text(f"{RCLONE} lsf lab:{bucket}")).split())


async def copied_from_now(host: LocalHost) -> None:
    """A copy that began after now is through."""
    await host.text(
        f'now=$(date +%s.%N); until last=$(cat {KEPT}) && [ "$last" = '
        '"$(printf "%s\\n" "$now" "$last" | sort -n | tail -n 1)" ]; do sleep 0.2; done',
        deadline=PATIENCE,
    )


async def test_what_is_stored_after_a_snapshot_is_kept_and_comes_back(lab: Lab) -> None:
    host = lab.hosts["one"]
    await stored(host, "old-media", "early")
    old = media(lab, "old-media")
    part = await old.snapshot(host, epoch=1, marker="run-1")
    assert part.facts["count"] == 1

    assert not await is_keeping(host, old, 1)
    await start_keeper(host, old, 1)
    assert await wait_for_first_copy(host, old, patience=PATIENCE)
    assert await is_keeping(host, old, 1)
    assert not await is_keeping(host, old, 2)
    assert await host.text("stat -c %a /etc/liferaft/buckets/keeper-main:media.json") == "600"
    assert await host.text(f"runuser -u postgres -- cat {KEPT}")

    await stored(host, "old-media", "late")
    await copied_from_now(host)
    # A later reign whose own snapshot was never taken: its keeper wrote on under its own path.
    await start_keeper(host, old, 2)
    assert await wait_for_first_copy(host, old, patience=PATIENCE)
    await stored(host, "old-media", "last")
    await copied_from_now(host)

    new = media(lab, "new-media", 2, 3)
    await new.restore(host, part, marker="run-2")
    assert (await new.wait_for_copy(host, part, marker="run-2", deadline=PATIENCE)).is_finished
    await new.verify(host, part)
    assert await names_in(host, "new-media") == {"early", "late", "last"}


async def test_a_keeper_that_cannot_copy_says_so_at_once(lab: Lab) -> None:
    host = lab.hosts["one"]
    wrong = media(lab, "old-media", key="wrong")
    await start_keeper(host, wrong, 1)
    with pytest.raises(SnapshotFailed) as refused:
        await wait_for_first_copy(host, wrong, patience=PATIENCE)
    assert "SignatureDoesNotMatch" in refused.value.facts.details["said"]


async def test_the_archive_waits_for_the_bucket_but_not_for_ever(lab: Lab) -> None:
    host = lab.hosts["one"]
    database = Database(
        "chirp", "chirp", "the-apps-password", host.address, "10.99.0.0/24", CLUSTER
    )
    primary = Postgres("db", database, (lab.vault,), "the-passphrase", 1)
    assert await primary.configure(host)
    assert not await primary.configure(host)
    await stored(host, "old-media", "early")
    await start_keeper(host, media(lab, "old-media"), 1)
    assert await wait_for_first_copy(host, media(lab, "old-media"), patience=PATIENCE)

    async def ended_segment() -> str:
        statements = "create table if not exists t (); insert into t default values;"
        asked = f"{statements} select pg_walfile_name(pg_switch_wal())"
        return await host.text(f'runuser -u postgres -- psql -XqAt -d chirp -c "{asked}"')

    async def archived(segment: str, seconds: float) -> bool:
        query = "select coalesce(last_archived_wal, '') from pg_stat_archiver"
        end = time.monotonic() + seconds
        while await host.text(f'runuser -u postgres -- psql -XqAt -c "{query}"') < segment:
            if time.monotonic() > end:
                return False
            await asyncio.sleep(0.2)
        return True

    assert await archived(await ended_segment(), PATIENCE)

    await host.text(f"systemctl stop {UNIT}")
    waiting = await ended_segment()
    assert not await archived(waiting, 5)
    await host.text(f"systemctl start {UNIT}")
    assert await archived(waiting, PATIENCE)

    await host.text(f"systemctl stop {UNIT}; touch -d '2 minutes ago' {KEPT}")
    assert await archived(await ended_segment(), PATIENCE)
    log = await host.text(f"tail -n 20 {CLUSTER.log}")
    assert "bucket media was not copied to main for more than 60 s: archiving without it" in log


async def test_what_rows_name_is_kept_by_a_role_that_can_change_nothing(lab: Lab) -> None:
    host = lab.hosts["one"]
    database = Database(
        "chirp", "chirp", "the-apps-password", host.address, "10.99.0.0/24", CLUSTER
    )
    await Postgres("db", database, (lab.vault,), "the-passphrase", 1).configure(host)

    async def told(statements: str) -> str:
        return await host.text(f'runuser -u postgres -- psql -XqAt -d chirp -c "{statements}"')

    await told("create table uploads (id bigserial primary key, object_key text)")
    await told("alter table uploads owner to chirp; alter table uploads enable row level security")
    await stored(host, "old-media", "early")
    bucket = replace(
        media(lab, "old-media"),
        references=("select object_key, id from uploads where id > $1",),
        database="chirp",
    )
    await start_keeper(host, bucket, 1)
    assert await wait_for_first_copy(host, bucket, patience=PATIENCE)
    assert await is_keeping(host, bucket, 1)

    in_vault = f"{RCLONE} lsf -R lab:chirp-vault/chirp/epoch-00000001/bucket/media | wc -l"
    before = int(await host.text(in_vault))
    await stored(host, "old-media", "late")
    await told("insert into uploads (object_key) values ('late')")
    await copied_from_now(host)
    assert int(await host.text(in_vault)) == before + 1
    log = await host.text(f"journalctl --no-pager --output=cat --unit={UNIT}")
    assert "cannot be read" not in log

    reader = "cd / && runuser -u liferaft-reader -- psql -XqAt -d chirp -c"
    counted = "'select count(*) from uploads'"
    assert await host.text(f"{reader} {counted}") == "1"
    for forbidden in ("insert into uploads values (7)", "create table t ()", "set role chirp"):
        writes = f"'set default_transaction_read_only = off; {forbidden}'"
        tried = await host.run(f"{reader} {writes}", check=False)
        assert tried.exit_code != 0, forbidden


async def test_what_rows_name_comes_back_and_what_no_vault_has_is_told_by_name(lab: Lab) -> None:
    host = lab.hosts["one"]
    network = "10.99.0.0/24"
    database = Database("chirp", "chirp", "the-apps-password", host.address, network, CLUSTER)
    await Postgres("db", database, (lab.vault,), "the-passphrase", 1).configure(host)

    async def told(statements: str) -> str:
        return await host.text(f'runuser -u postgres -- psql -XqAt -d chirp -c "{statements}"')

    await told("create table if not exists pictures (id bigserial primary key, object_key text)")
    await told("alter table pictures owner to chirp")
    await told("insert into pictures (object_key) values ('kept'), ('deleted'), ('never stored')")
    await stored(host, "named-media", "kept", "deleted", "unnamed")
    bucket = replace(
        media(lab, "named-media"),
        references=("select object_key, id from pictures where id > $1",),
        database="chirp",
    )
    part = await bucket.snapshot(host, epoch=5, marker="run-5")
    # The site's end began with its objects: both are marked, and a row names one of them.
    seal = Seal(SEAL.password, SEAL.salt)
    folder = "lab:chirp-vault/chirp/epoch-00000005/bucket/media"
    for key in ("deleted", "unnamed"):
        held = await host.text(f"{RCLONE} lsf {folder} | grep ^{seal.digest(key)}")
        mark = seal.mark(held.strip(), GONE, int(time.time()))
        await host.text(f"{RCLONE} touch {folder}/{mark}")

    await host.text(f"{RCLONE} mkdir lab:named-again")
    site = replace(bucket.site, bucket="named-again")
    facts = await replace(bucket, site=site).restore(host, part, marker="run-6")
    assert await names_in(host, "named-again") == {"kept", "deleted"}
    assert (facts["missing"], facts["missing_count"]) == (["never stored"], 1)
    (said,) = facts[TOLD]
    assert "'never stored': no vault has it" in said
    await replace(bucket, site=site).verify(host, part)
