"""A volume travels through vaults to another server: real hosts, restic, rclone, podman, store."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from tests.data.conftest import PATIENCE
from tests.data.test_keys_that_add import as_thief
from tests.data.test_rclone_acts import SEAL, rclone
from tests.data.volume.on_hosts import FILES, MOUNT, listing, volume, write

from liferaft.data.failures import NotVerified, RestoreFailed, SnapshotFailed
from liferaft.data.volume.dataset import never_taken
from liferaft.plan.telling import TOLD
from liferaft.remote.markers import MARKERS

if TYPE_CHECKING:
    from tests.data.conftest import Lab

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(900)]
THERE = "lab:chirp-vault/chirp/epoch-00000001/volume/files"


@pytest.mark.parametrize("lab", [("old", "new")], indirect=True)
async def test_what_a_service_wrote_comes_back_to_another_server_as_it_was(lab: Lab) -> None:
    old, new = lab.hosts["old"], lab.hosts["new"]
    await old.text(FILES)
    kept = volume(lab.vault)
    part = await kept.snapshot(old, epoch=1, marker="run-1")
    assert await kept.snapshot(old, epoch=1, marker="run-1"), "a second one finds nothing to do"
    assert (await rclone(old, "lsf", f"{THERE}/kept")).count("\n") == 0, "and takes no snapshot"
    await write(old, "later", "than the point")
    later = await kept.snapshot(old, epoch=1, marker="run-2")
    assert later.facts["count"] == part.facts["count"] + 1
    before = await listing(old)
    old.kill()

    came = volume(lab.vault, epochs=(1,))
    assert not await came.is_restored(new, marker="run-new")
    told = await came.restore(new, part, marker="run-new")
    assert await listing(new) == before, "also what was kept after the point"
    assert int(await new.text(f"du -k {MOUNT}/holes | cut -f1")) < 10_000, "holes stay holes"
    await came.verify(new, part)
    assert await came.is_restored(new, marker="run-new")
    assert (told["snapshot"], told["files"]) == (later.facts["snapshot"], later.facts["count"])
    assert "as of " in told[TOLD][0]

    # Once it is there, it is left alone: the service writes by now.
    await write(new, "note", "of the new reign")
    await came.restore(new, part, marker="run-new")
    assert await new.text(f"cat {MOUNT}/note") == "of the new reign"
    with pytest.raises(NotVerified, match="were restored"):
        await came.verify(new, part)


async def test_a_servers_key_deletes_its_locks_and_nothing_that_restic_keeps(lab: Lab) -> None:
    host = lab.hosts["one"]
    await host.text(FILES)
    part = await volume(lab.vault).snapshot(host, epoch=1, marker="run-1")
    assert await rclone(host, "lsf", f"{THERE}/repository/locks") == ""
    for folder in ("snapshots", "data", "index", "keys"):
        names = await rclone(host, "lsf", "-R", "--files-only", f"{THERE}/repository/{folder}")
        (name, *_) = names.splitlines()
        key = f"{THERE}/repository/{folder}/{name}"
        assert await as_thief(host, lab, "deletefile", key) != 0
        assert await rclone(host, "lsf", key)
    said = await host.text("cat /proc/[0-9]*/cmdline | tr '\\0' '\\n'; journalctl -o cat")
    for secret in (lab.vault.secret_key, SEAL.password):
        assert secret not in said
    assert part.vaults == ("main",)


@pytest.mark.parametrize("two_stores", [("old", "new")], indirect=True)
async def test_the_newest_that_any_vault_has_comes_back_and_a_damaged_one_is_passed_over(
    two_stores: Lab,
) -> None:
    old, new = two_stores.hosts["old"], two_stores.hosts["new"]
    await old.text(FILES)
    both = volume(two_stores.vault, two_stores.second)
    part = await both.snapshot(old, epoch=1, marker="run-1")
    assert part.vaults == ("main", "second")
    earlier = await listing(old)
    await write(old, "later", "than in the second vault")
    await volume(two_stores.vault).snapshot(old, epoch=1, marker="run-2")
    newest = await listing(old)

    came = volume(two_stores.second, two_stores.vault, epochs=(1,))
    assert (await came.restore(new, part, marker="1"))["vault"] == "main"
    assert await listing(new) == newest

    # What the first vault has of that snapshot is damaged now.
    packs = f"{THERE}/repository/data"
    for name in (await rclone(old, "lsf", "-R", "--files-only", packs)).splitlines():
        await old.text("head -c 900 /dev/urandom >/root/pack; rm -rf /var/cache/liferaft-volumes")
        await rclone(old, "copyto", "--ignore-times", "/root/pack", f"{packs}/{name}")
    told = await came.restore(new, part, marker="2")
    assert told["vault"] == "second"
    assert await listing(new) == earlier
    assert any("is damaged" in row for row in told[TOLD]), told

    # And with the second one away as well there is nothing to bring: nothing is half there.
    await new.text(
        "echo '10.99.0.77 objects.second.test' >>/etc/hosts && sed -i '/^10.99.0.2 /d' /etc/hosts"
    )
    with pytest.raises(RestoreFailed) as failed:
        await came.restore(new, part, marker="3")
    assert "second" in failed.value.facts.details["said"]
    assert await listing(new) == earlier


@pytest.mark.parametrize("two_stores", [("one",)], indirect=True)
async def test_a_dead_vault_holds_up_no_other(two_stores: Lab) -> None:
    host = two_stores.hosts["one"]
    await host.text(FILES)
    await host.text(
        "sed -i '/objects.second.test/d' /etc/hosts"
        " && echo '10.99.0.77 objects.second.test' >>/etc/hosts"
    )
    both = volume(two_stores.vault, two_stores.second)
    part = await asyncio.wait_for(both.snapshot(host, epoch=1, marker="run-1"), PATIENCE)
    assert part.vaults == ("main",)
    assert "second" in part.facts["not_in"]


@pytest.mark.parametrize("lab", [("old", "new")], indirect=True)
async def test_a_restore_that_is_killed_leaves_nothing_half_and_the_next_one_goes_on(
    lab: Lab,
) -> None:
    old, new = lab.hosts["old"], lab.hosts["new"]
    await old.text(FILES)
    await old.text(f"for n in $(seq 1500); do head -c 20000 /dev/urandom >{MOUNT}/$n; done")
    part = await volume(lab.vault).snapshot(old, epoch=1, marker="run-1")
    before = await listing(old)
    came = volume(lab.vault, epochs=(1,))
    staged, killed = f"{MOUNT}/../.liferaft-restoring-*", 0
    for seen in (staged, f"{staged}/files/_data/700", f"{staged}/whole"):
        restoring = asyncio.create_task(came.restore(new, part, marker="run-new"))
        await new.text(
            f"until ls -d {seen} >/dev/null 2>&1 || [ -e {MARKERS}/volume-files.restored ];"
            " do sleep 0.02; done; systemctl kill -s KILL liferaft-volume-restore-files || true",
            deadline=PATIENCE,
        )
        with suppress(RestoreFailed):
            await restoring
        if not await came.is_restored(new, marker="run-new"):
            killed += 1
            there = await new.text(f"ls -A {MOUNT} || true")
            assert there == "" or await listing(new) == before
    assert killed >= 2
    await came.restore(new, part, marker="run-new")
    assert await listing(new) == before
    assert await new.text(f"ls -A {MOUNT}/..") == "_data"


@pytest.mark.parametrize("lab", [("old", "new")], indirect=True)
async def test_a_later_reigns_comes_before_what_a_fenced_primary_writes_on(lab: Lab) -> None:
    old, new = lab.hosts["old"], lab.hosts["new"]
    for host in (old, new):
        await host.text(FILES)
    part = await volume(lab.vault).snapshot(old, epoch=1, marker="run-1")
    await write(new, "note", "of the second reign")
    await volume(lab.vault).snapshot(new, epoch=2, marker="run-2")
    await write(old, "note", "of nobody")
    await volume(lab.vault).snapshot(old, epoch=1, marker="run-3")
    await volume(lab.vault, epochs=(2, 1)).restore(old, part, marker="run-4")
    assert await old.text(f"cat {MOUNT}/note") == "of the second reign"


async def test_it_comes_back_as_of_a_moment(lab: Lab) -> None:
    host = lab.hosts["one"]
    await host.text(FILES)
    part = await volume(lab.vault).snapshot(host, epoch=1, marker="run-1")
    moment = await host.text("sleep 0.1; date -u +%Y-%m-%dT%H:%M:%S.%6N+00:00; sleep 0.1")
    await write(host, "note", "of later")
    await volume(lab.vault).snapshot(host, epoch=1, marker="run-2")
    came = volume(lab.vault, epochs=(1,), as_of=moment)
    told = await came.restore(host, part, marker="run-3")
    assert await host.text(f"cat {MOUNT}/note") == "hello"
    assert told["kept_until"] < datetime.fromisoformat(moment).timestamp(), "no later than is known"


async def test_what_no_point_names_yet_comes_back_and_that_nothing_is_there_is_told(
    lab: Lab,
) -> None:
    host, came = lab.hosts["one"], volume(lab.vault, epochs=(1,))
    told = await came.restore(host, never_taken("files", 1), marker="run-1")
    assert "NOTHING of it is back" in told[TOLD][0]
    assert await came.is_restored(host, marker="run-1")
    await came.verify(host, never_taken("files", 1))

    await host.text(FILES)
    before = await listing(host)
    await volume(lab.vault).snapshot(host, epoch=1, marker="run-2")
    await host.text(f"rm -rf {MOUNT}/*")
    assert (await came.restore(host, never_taken("files", 1), marker="run-3"))["files"] > 0
    assert await listing(host) == before
    await came.verify(host, never_taken("files", 1))


async def test_a_copy_that_lacks_what_could_not_be_read_is_never_brought_back(lab: Lab) -> None:
    host = lab.hosts["one"]
    await host.text(FILES)
    part = await volume(lab.vault).snapshot(host, epoch=1, marker="run-1")
    await host.text(f"echo x >{MOUNT}/broken && mount --bind /proc/self/mem {MOUNT}/broken")
    with pytest.raises(SnapshotFailed) as failed:
        await volume(lab.vault).snapshot(host, epoch=1, marker="run-2")
    assert "could not be read" in failed.value.facts.details["said"]
    await host.text(f"umount {MOUNT}/broken")
    told = await volume(lab.vault, epochs=(1,)).restore(host, part, marker="run-3")
    assert told["snapshot"] == part.facts["snapshot"]
