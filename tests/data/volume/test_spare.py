"""Which snapshots of a volume go: none that a point needs, none of the last day, not the newest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from tests.data.test_rclone_acts import rclone
from tests.data.volume.on_hosts import FILES, MOUNT, listing, volume, write
from tests.data.volume.test_dataset import THERE

from liferaft.data.surplus import Needs, Surplus
from liferaft.data.volume.spare import of_spare, staying, surplus_of
from liferaft.data.volume.volumekeeping.kept import KeptVolume
from liferaft.recovery.part import Part
from liferaft.remote.acts import HostActFailed

if TYPE_CHECKING:
    from tests.data.conftest import Lab, LocalHost

    from liferaft.vault import Vault

FOLDER = "epoch-00000001/volume/files"
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
POINT = NOW - timedelta(days=30)


def taken(age: timedelta, name: str) -> KeptVolume:
    return KeptVolume(FOLDER, NOW - age, name * 64)


def left(kept: list[KeptVolume], *named: str, oldest: datetime | None = POINT) -> str:
    """The first letters of what stays."""
    full = [one * 64 for one in named]
    return "".join(sorted(one[0] for one in staying(kept, full, now=NOW, oldest=oldest)))


def test_all_of_the_last_day_stay() -> None:
    kept = [taken(timedelta(minutes=minute), name) for minute, name in enumerate("abcd")]
    assert left(kept) == "abcd"


def test_before_that_the_last_of_each_hour_and_then_of_each_day() -> None:
    days, hours, minutes = timedelta(days=3), timedelta(hours=1), timedelta(minutes=1)
    kept = [
        *(taken(days + 30 * minutes, "a"), taken(days + 20 * minutes, "b")),
        *(taken(days - 2 * hours, "c"), taken(20 * timedelta(days=1) + hours, "d")),
        *(taken(20 * timedelta(days=1), "e"), taken(minutes, "f")),
    ]
    assert left(kept) == "bcef"


def test_one_that_a_point_names_stays_whatever_its_age() -> None:
    kept = [taken(timedelta(days=3, minutes=30), "a"), taken(timedelta(days=3, minutes=29), "b")]
    assert left(kept, "a") == "ab"


def test_what_is_older_than_every_point_that_stays_goes_but_for_the_newest() -> None:
    kept = [taken(timedelta(days=40), "a"), taken(timedelta(days=50), "b")]
    assert left(kept) == "a"
    assert left(kept, oldest=None) == "ab", "an earlier reign's restore reads on through this one"


def needs(*, is_settled: bool = True, snapshot: str = "c" * 64) -> Needs:
    facts = {"snapshot": snapshot, "moment": datetime.now(UTC).isoformat()}
    part = Part("volume", "files", 1, datetime.now(UTC).isoformat(), 1, facts, ("main",))
    return Needs(1, (part,), is_over=False, is_settled=is_settled, reads_on=False)


def test_a_vault_spares_what_nothing_needs_and_nothing_while_a_run_is_open(vault: Vault) -> None:
    old = datetime.now(UTC) - timedelta(days=40)
    for name in "ab":
        one = KeptVolume(FOLDER, old, name * 64)
        vault.put(one.key, b"{}")
        old += timedelta(minutes=1)
    newest = KeptVolume(FOLDER, datetime.now(UTC), "c" * 64)
    vault.put(newest.key, b"{}")
    for name in "abc":
        vault.put(f"{FOLDER}/repository/snapshots/{name * 64}", b"restic's")
    assert surplus_of(vault, needs(is_settled=False)) == ()
    assert surplus_of(vault, needs()) == (), "they were written within the last day"


def test_a_note_whose_snapshot_is_gone_goes_as_well(vault: Vault) -> None:
    now = datetime.now(UTC)
    gone = KeptVolume(FOLDER, now - timedelta(days=40), "a" * 64)
    for one in (gone, KeptVolume(FOLDER, now, "b" * 64)):
        vault.put(one.key, b"{}")
    (surplus,) = surplus_of(vault, needs(snapshot="b" * 64))
    assert (surplus.names, surplus.size) == ((f"files:{gone.snapshot}",), 0)
    assert surplus_of(vault, needs(snapshot=gone.snapshot)) == (), "what a point names is damage"


def test_there_is_a_step_for_each_volume_of_a_vault() -> None:
    gone = Surplus("volume", "main", 1, (f"files:{'a' * 64}", f"more:{'b' * 64}"), 2)
    steps = list(of_spare(gone, ("points-main",)))
    assert [step.name for step in steps] == ["volume-files-main-1", "volume-more-main-1"]
    assert all(step.needs == ("points-main",) for step in steps)


@pytest.mark.sandbox
@pytest.mark.timeout(900)
async def test_snapshots_go_by_the_operators_key_alone_and_those_that_stay_are_whole(
    lab: Lab,
) -> None:
    host = lab.hosts["one"]
    await host.text(FILES)
    data = volume(lab.vault, epochs=(1,))
    (kept,) = data.sets
    await host.text(f"head -c 20000000 /dev/urandom >{MOUNT}/goes")
    first = await data.snapshot(host, epoch=1, marker="run-1")
    await host.text(f"rm {MOUNT}/goes")
    second = await data.snapshot(host, epoch=1, marker="run-2")
    await write(host, "note", "of the newest")
    newest = await data.snapshot(host, epoch=1, marker="run-3")
    ids = [part.facts["snapshot"] for part in (first, second, newest)]
    assert len(set(ids)) == len(ids)
    before = await size_there(host)

    with pytest.raises(HostActFailed) as failed:
        await kept.let_go(host, ids[:2], epoch=1)
    assert "forget" in failed.value.facts.happened.lower()
    assert await snapshots_there(host) == sorted(ids)

    await kept.let_go(host, ids[:2], epoch=1, operator=lab.of_operator)
    assert await snapshots_there(host) == ids[2:]
    assert await size_there(host) < before - 19_000_000, "what they alone needed is gone"
    was = await listing(host)
    await host.text(f"rm -rf {MOUNT}/* /var/cache/liferaft-volumes")
    assert (await data.restore(host, newest, marker="run-4"))["snapshot"] == ids[2]
    assert await listing(host) == was
    await write(host, "later", "than the deletion")
    later = await data.snapshot(host, epoch=1, marker="run-5")
    assert later.facts["count"] == newest.facts["count"] + 1, "it is kept as before"


async def snapshots_there(host: LocalHost) -> list[str]:
    """Which snapshots the vault has."""
    return sorted((await rclone(host, "lsf", f"{THERE}/repository/snapshots")).split())


async def size_there(host: LocalHost) -> int:
    """Bytes of what snapshots consist of."""
    said = await rclone(host, "lsf", "-R", "--files-only", "--format=s", f"{THERE}/repository/data")
    return sum(map(int, said.split()))
