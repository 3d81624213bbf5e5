"""A segment that is not what was written, and an old primary that never stops: on real hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.data.cluster import CLUSTER
from tests.data.conftest import PATIENCE
from tests.data.postgres.test_trouble import ARCHIVE, RCLONE, postgres, sql

from liferaft.data.failures import ArchiveDamaged, NotAsSealed

if TYPE_CHECKING:
    from tests.data.conftest import Lab, LocalHost

    from liferaft.data.postgres.dataset import Postgres
    from liferaft.recovery.part import Part

FLIP = "import sys; b = bytearray(sys.stdin.buffer.read()); b[len(b) // 2] ^= 1"
ACCOUNT = ARCHIVE.rpartition(f"/{CLUSTER.version}-1/")[0]
WRITES = "insert into note select max(number) + 1 from note; select pg_switch_wal()"


def flipped(source: str, target: str) -> str:
    """Copies an object with one bit of it turned over."""
    flip = f'python3 -c "{FLIP}; sys.stdout.buffer.write(b)"'
    return f"{RCLONE} cat {source} | {flip} | {RCLONE} rcat {target}"


async def note(host: LocalHost) -> str:
    """The segment of one more row, ended."""
    await sql(host, "insert into note select coalesce(max(number), 0) + 1 from note")
    return await sql(host, "select pg_walfile_name(pg_switch_wal())")


async def damage_of(standby: Postgres, host: LocalHost) -> ArchiveDamaged:
    with pytest.raises(ArchiveDamaged) as told:
        await standby.replay_to_end(host, deadline=PATIENCE)
    assert (await standby.status(host)).in_recovery
    return told.value


@pytest.mark.sandbox
@pytest.mark.timeout(900)
@pytest.mark.parametrize("lab", [("old", "new")], indirect=True)
async def test_a_damaged_segment_is_told_and_put_back_everything_is_restored(lab: Lab) -> None:
    old, new = lab.hosts["old"], lab.hosts["new"]
    first, second = postgres(lab, old, 1), postgres(lab, new, 2, 1)
    await first.configure(old)
    await sql(old, "create table note (number bigint)")
    part = await first.snapshot(old, epoch=1, marker="run-1")
    segments = [await note(old) for _ in range(4)]
    wait = f"until {RCLONE} lsf {ARCHIVE} | grep -q {segments[-1]}; do sleep 0.3; done"
    await old.text(wait, deadline=PATIENCE)
    name = (await old.text(f"{RCLONE} lsf {ARCHIVE}/ | grep {segments[2]}")).strip()
    other = (await old.text(f"{RCLONE} lsf {ARCHIVE}/ | grep {segments[1]}")).strip()
    await old.text(f"{RCLONE} copyto {ARCHIVE}/{name} lab:old-media/{name}")

    await a_damaged_backup_is_told_with_the_way_out(second, part, old, new)
    await old.text(flipped(f"lab:old-media/{name}", f"{ARCHIVE}/{name}"))
    await second.restore(new, part, marker="run-2")
    told = (await damage_of(second, new)).facts
    assert told.details["file"] == segments[2]
    assert told.details["vault"] == "main"
    assert f"lab:chirp-vault/{told.details['object']}" == f"{ARCHIVE}/{name}"
    assert "[FormatError]" in told.details["reason"]
    assert await sql(new, "select max(number) from note") == "2"

    accepted = await second.replay_to_end(new, deadline=PATIENCE, lose_from=segments[2])
    assert accepted.segment == segments[1]
    assert accepted.beyond >= segments[3]

    await old.text(f"{RCLONE} copyto {ARCHIVE}/{other} {ARCHIVE}/{name}")
    assert (await damage_of(second, new)).facts.details["file"] == segments[2]

    await old.text(f"{RCLONE} copyto lab:old-media/{name} {ARCHIVE}/{name}")
    await an_archive_whose_own_account_is_damaged_is_told(second, old, new)
    await an_old_primary_that_archives_for_ever_is_left_behind(second, old, new)


async def a_damaged_backup_is_told_with_the_way_out(
    second: Postgres, part: Part, old: LocalHost, new: LocalHost
) -> None:
    label = part.facts["labels"]["main"]
    bundle = f"{ACCOUNT.replace('/archive/', '/backup/')}/{label}/bundle/1"
    await old.text(f"{RCLONE} copyto {bundle} lab:old-media/bundle")
    await old.text(flipped("lab:old-media/bundle", bundle))
    with pytest.raises(NotAsSealed) as told:
        await second.restore(new, part, marker="run-2")
    assert told.value.facts.details["key"] in bundle
    assert "--point" in told.value.facts.do
    await old.text(f"{RCLONE} copyto lab:old-media/bundle {bundle}")


async def an_archive_whose_own_account_is_damaged_is_told(
    second: Postgres, old: LocalHost, new: LocalHost
) -> None:
    both = ("archive.info", "archive.info.copy")
    for one in both:
        await old.text(f"{RCLONE} copyto {ACCOUNT}/{one} lab:old-media/{one}")
        await old.text(f"echo foreign | {RCLONE} rcat {ACCOUNT}/{one}")
    told = (await damage_of(second, new)).facts
    assert f"lab:chirp-vault/{told.details['object']}" == f"{ACCOUNT}/archive.info"
    for one in both:
        await old.text(f"{RCLONE} copyto lab:old-media/{one} {ACCOUNT}/{one}")


async def an_old_primary_that_archives_for_ever_is_left_behind(
    second: Postgres, old: LocalHost, new: LocalHost
) -> None:
    await old.put("/tmp/writes.sql", f"{WRITES} \\watch 0.2\n".encode(), mode=0o644)
    await old.text(
        "systemd-run --unit=writes --uid=postgres psql -XqAt -d chirp -f /tmp/writes.sql"
    )
    done = await second.replay_to_end(new, deadline=PATIENCE)
    await second.prepare_archive(new)
    assert (await second.take_over(new)).timeline == 2
    rows = await sql(new, "select count(*), max(number) - min(number) + 1 from note")
    count, span = rows.split("|")
    assert count == span, "what is there is a whole beginning of what was written"
    assert int(count) >= 4
    assert done.beyond >= done.segment
    old.kill()
