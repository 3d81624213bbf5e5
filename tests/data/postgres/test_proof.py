"""A backup is tried in a scratch place: real PostgreSQL, pgBackRest and object store."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.data.cluster import CLUSTER
from tests.data.conftest import PATIENCE, LocalHost
from tests.data.postgres.test_failover import archived, postgres, sql, start_writing

from liferaft.data import proof as scratch
from liferaft.data.failures import NotAsSealed, NotVerified
from liferaft.data.postgres import proof as room
from liferaft.data.postgres.proof import DIGESTS, SCRATCH
from liferaft.data.proof import UNIT, GaveWay, Proof, Trial
from liferaft.failures import Failure, Held, Refused
from liferaft.remote.waiting import wait_until

if TYPE_CHECKING:
    from tests.data.conftest import Lab

    from liferaft.recovery.part import Part
    from liferaft.remote.contract import Command, Completed

RCLONE = "rclone --config /root/lab.conf --ca-cert /etc/ssl/liferaft/vault-ca.pem"
VAULT = "lab:chirp-vault/chirp"
AMCHECK = f"{CLUSTER.programs}/pg_amcheck"
RESTORE = "liferaft-postgres-restore.service"
NOTES = """
create table note (id int primary key, body text);
create index on note (body);
insert into note select n, repeat(md5(n::text), 3) from generate_series(1, 20000) n;
create schema other;
create table other.odd ("a 'b" int);
insert into other.odd values (1);
create table picture (body bytea);
alter table picture alter body set storage external;
insert into picture select decode(repeat('ab', 65536), 'hex') from generate_series(1, 1152)
"""
"""Rows of the last one are short, and 72 MiB beside them."""
FLIP = (
    "import pathlib, sys; path = pathlib.Path('/tmp/object'); body = bytearray(path.read_bytes());"
    " body[len(body) * 3 // 4] ^= 1; path.write_bytes(body)"
)


async def tried(lab: Lab, host: LocalHost, part: Part, *, takes_over: bool = False) -> Proof:
    trial = Trial(lab.vault, "point-1", takes_over=takes_over)
    try:
        return await postgres(lab, host, 1).prove(host, part, trial)
    except Failure as failure:
        failure.add_note(str(failure.facts))
        raise


async def point_of_a_living_database(lab: Lab, host: LocalHost) -> Part:
    """It has an index over text, a table in another schema, and is written to all the time."""
    first = postgres(lab, host, 1)
    await first.configure(host)
    await start_writing(host)
    await sql(host, NOTES)
    part = await first.snapshot(host, epoch=1, marker="point-1")
    await archived(host)
    return part


async def living_server(host: LocalHost) -> str:
    return await host.text(f"systemctl show -P MainPID {CLUSTER.unit}")


async def keys(host: LocalHost) -> list[str]:
    listing = await host.text(f"{RCLONE} lsf --recursive --format pst --files-only {VAULT}")
    return listing.splitlines()


async def is_gone(host: LocalHost) -> bool:
    return await host.text(f"ls -d {SCRATCH} 2>/dev/null || true") == ""


@pytest.mark.sandbox
@pytest.mark.timeout(900)
async def test_a_backup_that_comes_back_is_proven_beside_the_cluster_that_lives(lab: Lab) -> None:
    host = lab.hosts["one"]
    part = await point_of_a_living_database(lab, host)
    measured = part.facts[DIGESTS]["tables"]
    assert set(measured) == {"public.note", "public.post", "public.picture", "other.odd"}
    assert 80 < measured["public.picture"]["percent"] < 90
    assert measured["public.note"]["rows"] == 20000
    server, before = await living_server(host), await keys(host)

    proof = await tried(lab, host, part)
    assert proof.faults == ()
    assert "every digest is that of" in proof.checked[-1]
    assert {"restore", "replay", "structure", "tables", "pages"} <= set(proof.seconds)
    assert await living_server(host) == server
    assert await is_gone(host)
    added = set(await keys(host)) - set(before)
    assert [key for key in added if f"/{CLUSTER.archive}/0000000100" not in key] == []
    await what_is_not_what_was_measured_is_told_by_table(lab, host, part)
    await a_flipped_byte_is_found_wherever_it_is(lab, host, part)
    await a_copy_that_stays_is_stopped_and_archives_nothing(lab, host, part)
    assert await living_server(host) == server


async def what_is_not_what_was_measured_is_told_by_table(
    lab: Lab, host: LocalHost, part: Part
) -> None:
    kept = part.facts[DIGESTS]
    tables = {**kept["tables"], "public.note": {**kept["tables"]["public.note"], "digest": "1"}}
    other = replace(part, facts={**part.facts, DIGESTS: {**kept, "tables": tables}})
    (fault,) = (await tried(lab, host, other)).faults
    assert isinstance(fault, NotVerified)
    assert "rows of table public.note hold something else" in fault.facts.happened
    older = replace(part, facts={name: of for name, of in part.facts.items() if name != DIGESTS})
    proof = await tried(lab, host, older)
    assert proof.faults == ()
    assert "was not measured then" in proof.unread[0]


async def a_flipped_byte_is_found_wherever_it_is(lab: Lab, host: LocalHost, part: Part) -> None:
    label, start = part.facts["labels"]["main"], part.facts["archive_start"]
    backup = f"epoch-00000001/pgbackrest/backup/main/{label}"
    listed = [line.partition(";")[0] for line in await keys(host)]
    bundle = next(key for key in listed if key.startswith(f"{backup}/bundle/"))
    wal = next(key for key in listed if f"/{start}-" in key)
    manifests = [f"{backup}/backup.manifest", f"{backup}/backup.manifest.copy"]
    for damaged in ([bundle], [wal], manifests):
        for key in damaged:
            await host.text(
                f"{RCLONE} copyto {VAULT}/{key} /tmp/object && cp /tmp/object /tmp/{len(key)}.kept"
                f' && python3 -c "{FLIP}" && {RCLONE} copyto /tmp/object {VAULT}/{key}'
            )
        (fault,) = (await tried(lab, host, part)).faults
        assert isinstance(fault, NotAsSealed), (damaged, fault.facts)
        facts = fault.facts
        assert "Database db" in facts.happened
        assert "vault main" in facts.happened
        named = start if damaged == [wal] else label
        assert named in facts.happened
        for key in damaged:
            await host.text(f"{RCLONE} copyto /tmp/{len(key)}.kept {VAULT}/{key}")
    assert (await tried(lab, host, part)).faults == ()


async def a_copy_that_stays_is_stopped_and_archives_nothing(
    lab: Lab, host: LocalHost, part: Part
) -> None:
    trial = Trial(lab.vault, "point-1", whole=True, into="/srv/restored")
    await host.text("install -d /srv/restored/postgres-db && touch /srv/restored/postgres-db/mine")
    data = postgres(lab, host, 1)
    with pytest.raises(Refused, match="holds something"):
        await data.prove(host, part, trial)
    await host.text("rm /srv/restored/postgres-db/mine")
    assert (await data.prove(host, part, trial)).faults == ()
    folder = "/srv/restored/postgres-db/data"
    control = await host.text(f"{CLUSTER.programs}/pg_controldata {folder}")
    assert re.search(r"state:\s+shut down\n", control)
    assert "archive_mode = 'off'" in await host.text(f"cat {folder}/postgresql.auto.conf")
    assert await host.text(f"cat {folder}/PG_VERSION") == CLUSTER.version
    with pytest.raises(Refused, match="holds something"):
        await data.prove(host, part, trial)


@pytest.mark.sandbox
@pytest.mark.timeout(900)
async def test_a_trial_gives_way_and_leaves_nothing(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = lab.hosts["one"]
    part = await point_of_a_living_database(lab, host)
    server = await living_server(host)
    monkeypatch.setattr(scratch, "_LEAVES_SECONDS", 2.0)
    await host.text(f"mv {AMCHECK} {AMCHECK}.real")
    await host.put(AMCHECK, b"#!/bin/bash\nexec sleep 300\n", mode=0o755)

    begun = await until_it_checks(lab, host, part)
    await host.text("systemctl daemon-reload")
    misread = "journalctl --quiet --no-pager --grep 'section header|Unknown key' || true"
    assert UNIT not in await host.text(misread)
    with pytest.raises(Held, match="Somebody else"):
        await tried(lab, host, part)
    await host.text(f"systemd-run --unit={RESTORE} sleep 600")
    with pytest.raises(GaveWay, match="gave way to a failover"):
        await begun
    assert await is_gone(host)
    with pytest.raises(GaveWay, match="A failover restores on this server"):
        await tried(lab, host, part)
    await host.text(f"systemctl stop {RESTORE}")

    begun = await until_it_checks(lab, Line(**vars(host)), part)
    await host.text("pkill -9 -x tee")
    with pytest.raises(Exception, match="Trying the backup"):
        await begun
    assert await wait_until(lambda: is_gone(host), seconds=PATIENCE)
    assert await host.text(f"systemctl is-active {UNIT} || true") == "inactive"

    monkeypatch.setattr(room, "_FLOOR", 10**15)
    with pytest.raises(Refused, match="no room"):
        await tried(lab, host, part)
    monkeypatch.undo()
    await host.text(f"mv {AMCHECK}.real {AMCHECK}")
    assert (await tried(lab, host, part)).faults == ()
    assert await living_server(host) == server


class Line(LocalHost):
    """A host at the end of a line, `tee`, which can be cut."""

    async def run(self, command: Command, **others: Any) -> Completed:
        if command[0] == "systemd-run":
            command = ["bash", "-c", '"$@" | tee /dev/null', "-", *command]
        return await super().run(command, **others)


async def until_it_checks(lab: Lab, host: LocalHost, part: Part) -> asyncio.Task[Proof]:
    begun = asyncio.create_task(tried(lab, host, part))

    async def checks() -> bool:
        assert not begun.done()
        return (await host.run(["pgrep", "-f", "sleep 300"], check=False)).exit_code == 0

    assert await wait_until(checks, seconds=PATIENCE)
    return begun
