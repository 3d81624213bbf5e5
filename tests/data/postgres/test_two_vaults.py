"""A database in two vaults, either of which may be dead: real hosts, PostgreSQL, pgBackRest."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.data.cluster import CLUSTER
from tests.data.conftest import PATIENCE

from liferaft.data.failures import ArchiveHole, VaultSilent
from liferaft.data.postgres import vaults
from liferaft.data.postgres.dataset import Postgres
from liferaft.data.postgres.layout import Database, push_config
from liferaft.data.postgres.vaultwatch.rule import SILENT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.data.conftest import Lab, LocalHost

PUSH = "/etc/pgbackrest/liferaft/push"
SPOOL = "/var/spool/pgbackrest/liferaft"
ADDRESSES = {"main": "10.99.0.1", "second": "10.99.0.2"}


def postgres(lab: Lab, host: LocalHost, epoch: int, *earlier: int, wal_from: str = "") -> Postgres:
    database = Database(
        "chirp", "chirp", "the-apps-password", host.address, "10.99.0.0/24", CLUSTER
    )
    stores = (lab.vault, lab.second)
    return Postgres(
        "db", database, stores, "passphrase", epoch, earlier, wal_from=tuple(wal_from.split())
    )


async def sql(host: LocalHost, statement: str) -> str:
    argv = ["runuser", "-u", "postgres", "--", "psql", "-XqAt", "-d", "chirp"]
    return (await host.run(argv, stdin=statement.encode())).text


async def dies(host: LocalHost, vault: str, how: str = "reject") -> None:
    """For this host: what goes there is refused, or (`drop`) never answered."""
    await host.text(
        f"nft add table ip {vault}; nft add chain ip {vault} out"
        " '{ type filter hook output priority 0; }';"
        f" nft add rule ip {vault} out ip daddr {ADDRESSES[vault]} tcp dport 8443 {how}"
    )


async def comes_back(host: LocalHost, vault: str) -> None:
    await host.text(f"nft delete table ip {vault}")


async def comes_true(holds: Callable[[], Awaitable[bool]], what: str) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            while not await holds():  # noqa: ASYNC110  # another process's work
                await asyncio.sleep(0.5)
    except TimeoutError:
        pytest.fail(f"{what}: not within {PATIENCE:.0f} s")


async def note(host: LocalHost) -> str:
    """The segment of one more row, ended."""
    await sql(host, "insert into note select coalesce(max(number), 0) + 1 from note")
    return await sql(host, "select pg_walfile_name(pg_switch_wal())")


async def information(host: LocalHost, vault: str) -> dict[str, Any]:
    argv = ["pgbackrest", f"--config={push_config(vault, 1)}", "--stanza=main", "--output=json"]
    said = await host.run(["runuser", "-u", "postgres", "--", *argv, "info"])
    (stanza,) = json.loads(said.text)
    return dict(stanza)


async def is_archived(host: LocalHost, vault: str, segment: str) -> bool:
    argv = ["pgbackrest", f"--config={push_config(vault, 1)}", "--stanza=main", "--recurse"]
    said = await host.run(
        ["runuser", "-u", "postgres", "--", *argv, "repo-ls", "archive/main"], check=False
    )
    return segment in said.text


async def archived(host: LocalHost, segment: str, *names: str) -> None:
    for vault in names:

        async def holds(vault: str = vault) -> bool:
            return await is_archived(host, vault, segment)

        await comes_true(holds, f"{segment} in {vault}")


async def is_kept(host: LocalHost, segment: str) -> bool:
    """By PostgreSQL, for a vault."""
    ready = f"{CLUSTER.data}/pg_wal/archive_status/{segment}.ready"
    return await host.text(f"test -e {ready} && echo yes || echo no") == "yes"


@pytest.mark.sandbox
@pytest.mark.timeout(900)
async def test_a_dead_vault_is_taken_out_and_brought_back_with_a_backup_of_its_own(
    two_stores: Lab,
) -> None:
    host = two_stores.hosts["one"]
    data = postgres(two_stores, host, 1)
    await data.configure(host)
    await sql(host, "create table note (number bigint)")
    part = await data.snapshot(host, epoch=1, marker="run-1")
    assert part.vaults == ("main", "second")
    assert await vaults.notes(host) == ()

    await dies(host, "second")
    lost = await note(host)
    await archived(host, lost, "main")
    assert await is_kept(host, lost), "PostgreSQL waits for the dead one"
    short = await data.snapshot(host, epoch=1, marker="run-2")
    assert short.vaults == ("main",)

    # As if it had been so for a quarter of an hour.
    since = f"echo $((EPOCHSECONDS - {SILENT_SECONDS:.0f})) >{SPOOL}/silent/second"
    await host.text(f"until test -s {SPOOL}/silent/second; do sleep 0.3; done; {since}")

    async def is_out() -> bool:
        return [one.out for one in await vaults.notes(host)] == [True]

    async def is_told() -> bool:
        said = await host.text(f"journalctl -o cat -u {vaults.WATCH}")
        return "taken out of the archive" in said

    await comes_true(is_out, "the dead vault is taken out")
    await comes_true(is_told, "the server's journal says so")

    async def is_let_go() -> bool:
        return not await is_kept(host, lost)

    await comes_true(is_let_go, "PostgreSQL waits for it no longer")

    await comes_back(host, "second")

    async def is_whole() -> bool:
        return await vaults.notes(host) == ()

    await comes_true(is_whole, "it is brought back, and complete")
    backups = (await information(host, "second"))["backup"]
    assert [one["type"] for one in backups] == ["full", "full"]
    assert not await is_archived(host, "second", lost)
    found = await note(host)
    await archived(host, found, "main", "second")

    await the_newest_backup_of_a_vault_that_the_point_does_not_name_is_enough(two_stores, host)


async def the_newest_backup_of_a_vault_that_the_point_does_not_name_is_enough(
    lab: Lab, host: LocalHost
) -> None:
    """The host itself becomes the copy: its first vault is gone for good, and the newest recovery
    point was taken while the second one was away."""
    point = await postgres(lab, host, 1).snapshot(host, epoch=1, marker="run-1")
    alone = replace(point, facts={**point.facts, "labels": {"main": point.facts["labels"]["main"]}})
    await dies(host, "main")
    await host.text("rm /etc/pgbackrest/liferaft/reign")
    copy = postgres(lab, host, 2, 1, wal_from="second")
    await copy.restore(host, alone, marker="run-3")
    await copy.verify(host, alone)
    await copy.replay_to_end(host, deadline=PATIENCE)
    assert await sql(host, "select count(*) from note") == "2"
    await copy.prepare_archive(host)
    await copy.take_over(host)
    (said,) = await vaults.notes(host)
    assert (said.vault, said.out) == ("main", True)
    await sql(host, "insert into note values (3)")


@pytest.mark.sandbox
@pytest.mark.timeout(600)
@pytest.mark.parametrize("two_stores", [("old", "new")], indirect=True)
async def test_a_vault_that_dies_before_the_replay_slows_no_other_and_is_no_end_of_the_archive(
    two_stores: Lab,
) -> None:
    old, new = two_stores.hosts["old"], two_stores.hosts["new"]
    first = postgres(two_stores, old, 1)
    await first.configure(old)
    await sql(old, "create table note (number bigint)")
    part = await first.snapshot(old, epoch=1, marker="run-1")
    both = [await note(old) for _ in range(3)]
    await archived(old, both[-1], "main", "second")
    for alone, other in (("main", "second"), ("second", "main")):
        await old.text(f"touch {PUSH}/{other}/out")
        await archived(old, await note(old), alone)
        await old.text(f"rm {PUSH}/{other}/out")
    await archived(old, await note(old), "main", "second")
    await old.text(f"touch {PUSH}/main/out")
    last = await note(old)
    await archived(old, last, "second")
    old.kill()

    copy = postgres(two_stores, new, 3, 1, 2)  # epoch 2 was fenced and left no archive
    await dies(new, "main")  # its backup is asked for first, and its archives are
    await copy.restore(new, part, marker="run-2")

    async def has(number: int) -> bool:
        return await sql(new, "select max(number) from note") == str(number)

    await comes_true(lambda: has(3), "what the other vault has is replayed")
    await comes_back(new, "main")
    await dies(new, "second", "drop")
    with pytest.raises(VaultSilent, match="ault second") as told:
        await copy.replay_to_end(new, deadline=PATIENCE)
    assert "run the same command again" in told.value.facts.do
    assert not await copy.is_promoted(new)

    # Run again, it is left out: what the other one lacks is told, and nothing is promoted.
    partly = postgres(two_stores, new, 3, 1, 2, wal_from="main")
    with pytest.raises(ArchiveHole):
        await partly.replay_to_end(new, deadline=PATIENCE)
    await comes_true(lambda: has(4), "it goes as far as the other one has it")

    # It answers the server again, and still not the operator: what it alone has counts.
    await comes_back(new, "second")
    done = await partly.replay_to_end(new, deadline=PATIENCE)
    assert (done.segment >= last, done.without) == (True, ())
    assert await sql(new, "select string_agg(number::text, ',' order by number) from note") == (
        "1,2,3,4,5,6,7"
    )
