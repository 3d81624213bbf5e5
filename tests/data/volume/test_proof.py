"""A snapshot of a volume is tried in a scratch place of a real host, with a key that only reads."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.data.test_proofs import NOWHERE
from tests.data.test_rclone_acts import SEAL, rclone
from tests.data.volume.on_hosts import FILES, MOUNT, listing, volume
from tests.data.volume.test_dataset import THERE

from liferaft.data.failures import NotAsSealed
from liferaft.data.proof import Proof, Trial
from liferaft.data.volume.proof import PLACE, judged, prove
from liferaft.recovery.part import Part
from liferaft.remote.acts import HostActFailed

if TYPE_CHECKING:
    from tests.data.conftest import Lab

PART = Part("volume", "files", 1, "", 9, {"count": 2})


def test_fewer_files_than_were_counted_are_a_fault() -> None:
    proof = Proof("volume", "files")
    assert judged(proof, PART, NOWHERE, 2).faults == ()
    (fault,) = judged(proof, PART, NOWHERE, 1).faults
    assert "has 1 files" in fault.facts.happened


@pytest.mark.sandbox
@pytest.mark.timeout(900)
async def test_a_snapshot_is_brought_back_read_again_and_compared_and_nothing_stays(
    lab: Lab,
) -> None:
    host = lab.hosts["one"]
    await host.text(FILES)
    data = volume(lab.vault)
    part = await data.snapshot(host, epoch=1, marker="run-1")
    before, place = await listing(host), data.sets[0].volume
    trial = Trial(lab.for_reading, "point-1")
    proof = await prove(host, place, part, SEAL, trial)
    assert proof.faults == ()
    assert "are what restic lists" in proof.checked[0]
    assert await host.text(f"ls -d {PLACE}* || true") == ""
    assert await listing(host) == before

    stays = replace(trial, into="/srv/looked-at")
    assert (await prove(host, place, part, SEAL, stays)).faults == ()
    folder = "/srv/looked-at/volume-files"
    assert await host.text(f"ls -A {folder}") == "_data"
    assert await host.text(f"diff -r --no-dereference -x fifo {MOUNT} {folder}/_data") == ""

    gone = replace(lab.for_reading, port=8444)
    with pytest.raises(HostActFailed):
        await prove(host, place, part, SEAL, replace(trial, vault=gone))
    for name in (
        await rclone(host, "lsf", "-R", "--files-only", f"{THERE}/repository/data")
    ).split():
        await rclone(host, "deletefile", f"{THERE}/repository/data/{name}")
    await host.text("rm -rf /var/cache/liferaft-volumes")
    (fault,) = (await prove(host, place, part, SEAL, trial)).faults
    assert isinstance(fault, NotAsSealed)
    assert fault.facts.details["key"] == "epoch-00000001/volume/files"
