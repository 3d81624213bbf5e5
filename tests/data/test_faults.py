"""Stores and networks on bad days: real hosts, programs and stores, one of which has a front that
refuses, forgets and breaks off. Each error names the data set and the vault, and says what is safe.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import pytest
from tests.data.cluster import CLUSTER
from tests.data.conftest import PATIENCE, host_image, open_lab
from tests.data.fault_front import CUT, FLIP, FORGET, REFUSE, SUM, Fault
from tests.data.faulty import STORAGE, Faulty, listed, past, prepared
from tests.data.postgres.test_trouble import sql

from liferaft.data.container_images.archive import FOLDER, archive_path
from liferaft.data.failures import RestoreFailed, SnapshotFailed
from liferaft.data.in_vaults import part_in
from liferaft.data.postgres.layout import ETC
from liferaft.data.proof import Trial
from liferaft.failures import Failure

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from tests.data.conftest import Lab
pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(900)]  # hosts that boot
WRITES = ("PUT", "POST")
FULL = (
    Fault(REFUSE, WRITES, status=507, code="InsufficientStorage"),
    Fault(REFUSE, WRITES, status=400, code="XMinioAdminBucketQuotaExceeded"),
    Fault(REFUSE, WRITES, status=403, code="QuotaExceeded"),
)
REVOKED = Fault(REFUSE, status=403, code="InvalidAccessKeyId")
SKEWED = Fault(REFUSE, status=403, code="RequestTimeTooSkewed")
T = TypeVar("T")
_TIMES = 6
_SOONER = (
    "sed -i 's/^archive-timeout=60$/archive-timeout=15/; s/^io-timeout=30$/io-timeout=8/'"
    f" {ETC}/push/main/*.conf"
)
"""What never comes is waited for for a minute else, at each fault."""
A_TENTH = Fault(REFUSE, status=503, code="SlowDown", share=0.1)
CUTS = Fault(CUT, share=0.1)


def told(failure: Failure, words: str, data: str) -> None:
    facts = failure.facts
    assert words in facts.happened, facts
    assert data in facts.happened, facts
    assert "ault main" in facts.happened, facts
    assert facts.safe, facts
    assert facts.do, facts


async def all_fail(faulty: Faulty, words: str, *, doing: str = "") -> None:
    """Each data set: what is told names it and the vault, and says why and what is safe."""
    for named, snapshot in faulty.sets().items():
        with pytest.raises(SnapshotFailed) as caught:
            await snapshot()
        told(caught.value, words, named)
        assert doing in caught.value.facts.do


@pytest.fixture(scope="module")
def opened() -> Iterator[Lab]:
    if os.geteuid() != 0 or not host_image().is_dir():
        pytest.skip("needs root and the sandbox's host image")
    with open_lab(("old", "new"), second=True, front=True) as lab:
        yield lab


@pytest.fixture
async def faulty(opened: Lab) -> Faulty:
    return await prepared(opened)


@pytest.mark.parametrize("fault", FULL, ids=lambda one: str(one.code))
async def test_a_vault_that_is_full_is_told_as_that_and_takes_all_again_once_it_has_room(
    faulty: Faulty, fault: Fault
) -> None:
    await faulty.bucket("old-media").snapshot(faulty.old, epoch=2, marker=faulty.marker)
    await past(faulty.old, "rcat", f"lab:old-media/one-more-{fault.status}")
    faulty.lab.fail(fault)
    await all_fail(faulty, "it is full, or its quota is used up", doing="snapshot prune")
    with pytest.raises(SnapshotFailed, match="it is full"):
        await faulty.bucket("old-media").snapshot(faulty.old, epoch=2, marker=faulty.marker)
    faulty.lab.fail()
    for snapshot in faulty.sets().values():
        await snapshot()


async def test_keys_that_are_revoked_midway_are_told_as_that(faulty: Faulty) -> None:
    for passed in (0, 3, 6):
        for named, snapshot in faulty.sets().items():
            faulty.lab.fail(replace(REVOKED, after=passed))
            with pytest.raises(Failure) as caught:
                await snapshot()
            told(caught.value, "refuses the key pair", named)
            assert "liferaft deploy" in caught.value.facts.do
    faulty.lab.fail()
    for snapshot in faulty.sets().values():
        await snapshot()


async def test_a_clock_that_is_off_is_told_in_our_words(faulty: Faulty) -> None:
    faulty.lab.fail(SKEWED)
    await all_fail(faulty, "clock is off", doing="timedatectl")


async def test_what_a_vault_takes_and_forgets_is_found_before_a_point_names_it(
    faulty: Faulty,
) -> None:
    faulty.lab.fail(Fault(FORGET, WRITES))
    for named, snapshot in faulty.sets().items():
        with pytest.raises(SnapshotFailed) as caught:
            await snapshot()
        told(caught.value, "", named)


async def test_an_image_of_which_a_vault_gets_another_byte_is_in_no_point(faulty: Faulty) -> None:
    faulty.lab.fail(Fault(FLIP, ("PUT",), keys="/images/"))
    with pytest.raises(SnapshotFailed) as caught:
        await faulty.sets()["mage web"]()
    told(caught.value, "", "mage web")


@pytest.mark.parametrize("size", [3_000_000, 230_000_000], ids=["in one", "in parts"])
async def test_an_image_is_read_in_a_vault_whose_checksums_say_nothing(
    faulty: Faulty, size: int
) -> None:
    await faulty.old.text(f"head -c {size} /dev/urandom >/srv/large")
    digest = (await faulty.old.text("sha256sum /srv/large", deadline=PATIENCE)).split()[0]
    await faulty.old.text(f"mv /srv/large {archive_path(digest)}")
    large = replace(faulty, digest=digest)
    large.lab.fail(Fault(SUM, ("PUT", "HEAD"), keys=r"/images/[^?]*$"))
    keeping = asyncio.ensure_future(large.sets()["mage web"]())
    said = await faulty.old.seen_while(keeping)
    assert "--download" in said, "nobody else knows what lies there"
    large.lab.fail()
    assert await large.image.is_stored(faulty.old, epoch=keeping.result().epoch)


async def done_at_last(act: Callable[[], Awaitable[T]], *, is_done: Callable[[T], bool]) -> T:
    """By the same act, again and again: what fails in between is told with what is safe."""
    untold: list[Failure] = []
    for _ in range(_TIMES):
        try:
            came = await act()
        except Failure as failure:
            untold += [] if failure.facts.safe else [failure]
        else:
            if is_done(came):
                assert not untold
                return came
    raise AssertionError(f"it was not done in {_TIMES} times")


async def test_of_a_vault_and_a_network_that_fail_at_random_all_is_kept_whole_when_done_again(
    faulty: Faulty,
) -> None:
    """A fifth of all requests, twice what was asked for: a backup of a thousand may need more."""
    faulty.lab.fail(CUTS, A_TENTH)
    first = faulty.database(faulty.old, 1)
    await done_at_last(lambda: first.configure(faulty.old), is_done=lambda _: True)
    certificates, image, bucket = [
        await done_at_last(snapshot, is_done=lambda _: True) for snapshot in faulty.sets().values()
    ]
    point = await done_at_last(
        lambda: first.snapshot(faulty.old, epoch=1, marker=faulty.marker),
        is_done=lambda part: part.vaults == ("main", "second"),
    )
    await faulty.new.text(f"rm -rf {STORAGE}; useradd -r caddy || :")
    marker, back = faulty.marker, faulty.bucket("new-media")
    for restore in (
        lambda: faulty.certificates.restore(faulty.new, certificates, marker=marker),
        lambda: faulty.image.fetch(faulty.new, image.epoch),
        lambda: back.restore(faulty.new, bucket, marker=marker),
        lambda: back.verify(faulty.new, bucket),
    ):
        await done_at_last(restore, is_done=lambda _: True)
    assert await faulty.new.text(f"cat {STORAGE}/a/b.key") == "key"
    assert await faulty.image.has_archive(faulty.new)
    faulty.lab.fail()  # pgBackRest restores nothing where one of a thousand requests fails for good
    await all_is_archived(faulty)
    trial = Trial(faulty.lab.vault, point.taken_at, whole=True)
    assert (await first.prove(faulty.old, part_in(point, "main"), trial)).faults == ()


async def test_of_the_database_a_vault_that_is_full_revoked_or_forgetful_is_told_and_another_has_it(
    faulty: Faulty, caplog: pytest.LogCaptureFixture
) -> None:
    first = faulty.database(faulty.old, 1)
    await first.configure(faulty.old)
    await faulty.old.text(_SOONER)
    for faults, words in (
        ([FULL[0]], "it is full, or its quota is used up"),
        ([Fault(FORGET, WRITES, keys="/archive/main/")], "and it is not there"),
        ([Fault(FORGET, WRITES, keys=r"/backup/main/backup\.info")], "though it was taken"),
        ([replace(REVOKED, after=12)], "refuses the key pair"),
        ([SKEWED], "clock is off"),
    ):
        faulty.lab.fail(*faults)
        caplog.clear()
        part = await first.snapshot(faulty.old, epoch=1, marker=faulty.marker)
        assert part.vaults == ("second",), faults
        assert words in caplog.text, faults
        assert "Vault main has no backup" in caplog.text
    faulty.lab.fail()
    part = await first.snapshot(faulty.old, epoch=1, marker=faulty.marker)
    assert part.vaults == ("main", "second")


async def test_a_full_disk_of_the_restoring_server_is_told_as_that_and_a_larger_one_is_enough(
    faulty: Faulty,
) -> None:
    first = faulty.database(faulty.old, 1)
    await first.configure(faulty.old)
    point = await first.snapshot(faulty.old, epoch=1, marker=faulty.marker)
    bucket, image = faulty.bucket("new-media"), faulty.image
    kept = await image.snapshot(faulty.old, epoch=3, marker=faulty.marker)
    places = (CLUSTER.data, FOLDER)
    small = "; ".join(f"mkdir -p {one}; mount -t tmpfs -o size=1m tmpfs {one}" for one in places)
    await faulty.new.text(f"systemctl stop postgresql || :; rm -f {archive_path(faulty.digest)}")
    await faulty.new.text(f"{small}; chown postgres: {places[0]}; chmod 700 {places[0]}")
    second = faulty.database(faulty.new, 2, 1)
    for named, act in (
        ("database db", lambda: second.restore(faulty.new, point, marker=faulty.marker)),
        ("mage web", lambda: image.fetch(faulty.new, kept.epoch)),
    ):
        with pytest.raises(RestoreFailed) as caught:
            await act()
        facts = caught.value.facts
        assert "The server's disk is full" in facts.happened, facts
        assert named in facts.happened, facts
        assert "untouched" in facts.safe, facts
    await faulty.new.text("; ".join(f"umount {one}" for one in places))
    await image.fetch(faulty.new, kept.epoch)
    await second.restore(faulty.new, point, marker=faulty.marker)
    await second.verify(faulty.new, point)
    assert bucket.name == "media"


async def test_neither_a_scratch_restore_nor_a_real_one_changes_a_byte_of_the_archive(
    faulty: Faulty,
) -> None:
    first = faulty.database(faulty.old, 1)
    await first.configure(faulty.old)
    point = await first.snapshot(faulty.old, epoch=1, marker=faulty.marker)
    await all_is_archived(faulty)
    await faulty.old.text(f"systemctl stop {CLUSTER.unit} liferaft-archive-clock", deadline=120)
    before = await listed(faulty)
    trial = Trial(faulty.lab.vault, point.taken_at, whole=True)
    assert (await first.prove(faulty.new, part_in(point, "main"), trial)).faults == ()
    assert await listed(faulty) == before
    second = faulty.database(faulty.new, 2, 1)
    await second.restore(faulty.new, point, marker=faulty.marker)
    await second.replay_to_end(faulty.new, deadline=PATIENCE)
    assert await listed(faulty) == before


async def all_is_archived(faulty: Faulty) -> None:
    """A point's digests are of later than its backup, and a server that stops tries once alone to
    bring what it has."""
    await sql(faulty.old, "select pg_switch_wal()")
    ready = f"{CLUSTER.data}/pg_wal/archive_status/*.ready"
    await faulty.old.text(f"while compgen -G '{ready}'; do sleep 0.3; done", deadline=PATIENCE)
