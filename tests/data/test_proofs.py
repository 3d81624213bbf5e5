"""Images and certificates are tried in a vault: real rclone, OpenSSL, systemd and store."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.data.bucket.test_dataset import site
from tests.data.test_rclone_acts import SEAL, flip, rclone, sealed
from tests.hosts import packed

from liferaft.data.bucket import proof as buckets
from liferaft.data.bucket.dataset import BucketData
from liferaft.data.certificates import proof as certificates
from liferaft.data.certificates.dataset import Certificates
from liferaft.data.container_images import proof as images
from liferaft.data.container_images.archive import FOLDER, ContainerImage, archive_path
from liferaft.data.failures import NotAsSealed, NotVerified
from liferaft.data.proof import Trial
from liferaft.data.sealed_objects import STORED
from liferaft.recovery.part import Part
from liferaft.site.reach import VaultAccess

if TYPE_CHECKING:
    from tests.data.conftest import Lab, LocalHost

NOWHERE = Trial(VaultAccess("main", "b", "s3.test", 443, "r", "id", "secret"), "point-1")
PART = Part("certificates", "certificates", 1, "", 9, {"count": 2})
DAY = 86400
NOW = 1_795_000_000
CADDY = "/var/lib/caddy/liferaft/certificates/acme/chirp"
MAKE = (
    f"install -d {CADDY} && openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=chirp -days %d"
    f" -keyout {CADDY}/chirp.key -out {CADDY}/chirp.crt 2>/dev/null"
)


@pytest.mark.parametrize(
    ("start", "end", "wrong"),
    [
        (-60, 30, ""),
        (-77, 13, "ends in 13.0 days, of 90.0 that it had"),
        (-100, -1, "ends in 0.0 days"),
        (-0.25, 0.25, ""),  # twelve hours, as Caddy's own authority gives
        (-0.45, 0.05, "ends in 0.1 days"),
    ],
)
def test_a_certificate_has_14_days_left_or_a_quarter_of_a_shorter_life(
    start: float, end: float, wrong: str
) -> None:
    row = f"good {NOW + start * DAY:.0f} {NOW + end * DAY:.0f} chirp.crt"
    proof = certificates.proof_of(PART, f"2 {NOW}\n{row}", NOWHERE, 1.0)
    assert bool(proof.faults) == bool(wrong)
    assert wrong in "".join(fault.facts.happened for fault in proof.faults)


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        (f"2 {NOW}\nkeyless {NOW} {NOW + 99 * DAY} chirp.crt", "chirp.crt does not fit its key"),
        (f"2 {NOW}\nunreadable 0 0 chirp.crt", "chirp.crt is no certificate"),
        (f"1 {NOW}", "there are 1 of 2 files"),
    ],
)
def test_what_is_wrong_with_certificates_is_told_and_what_a_failover_does_then(
    said: str, wrong: str
) -> None:
    (fault,) = certificates.proof_of(PART, said, NOWHERE, 1.0).faults
    assert wrong in fault.facts.happened
    assert "issued anew" in fault.facts.safe


def test_objects_that_are_damaged_or_gone_are_faults_with_the_vaults_name() -> None:
    part = Part("bucket", "media", 1, "", 9, {"count": 3})
    came = {"objects": 2, "size": 9, "read": 1, "read_size": 4, "damaged": {"x": "torn"}}
    proof = buckets.proof_of(part, {**came, "damaged_count": 1}, NOWHERE, 1.0)
    damaged, gone = proof.faults
    assert "1 objects of bucket media in vault main cannot be opened: x" in damaged.facts.happened
    assert "holds 2 of the 3 objects" in gone.facts.happened


def test_a_sample_says_what_it_did_not_read() -> None:
    part = Part("bucket", "media", 1, "", 9, {"count": 300})
    came = {"objects": 900, "size": 9, "read": 300, "read_size": 4, "damaged": {}}
    proof = buckets.proof_of(part, {**came, "damaged_count": 0}, NOWHERE, 1.0)
    assert proof.faults == (), [one.facts.details for one in proof.faults]
    assert "300 of 900 objects" in proof.checked[0]
    assert "600 objects were listed and not read" in proof.unread[0]


@pytest.mark.sandbox
@pytest.mark.timeout(900)
async def test_a_flipped_byte_in_an_image_or_a_certificate_is_found(lab: Lab) -> None:
    host, trial = lab.hosts["one"], Trial(lab.vault, "point-1")
    image = await kept(lab, host, packed.image("localhost/chirp:1"))
    proof = await images.prove(host, image, SEAL, trial)
    assert proof.faults == (), [one.facts.details for one in proof.faults]
    assert "loaded by podman, in a storage of its own" in proof.checked
    assert not await host.text(f"podman images --quiet; ls -d {images.SCRATCH} || :")
    (fault,) = (await images.prove(host, await kept(lab, host, b"no image"), SEAL, trial)).faults
    assert "podman does not load image chirp" in fault.facts.happened
    (key,) = image.facts[STORED]
    gone = replace(image, facts={**image.facts, "digest": "0" * 64})
    (fault,) = (await images.prove(host, gone, SEAL, trial)).faults
    assert "it is not there" in fault.facts.happened
    await flip(host, key, at=2_000)
    (fault,) = (await images.prove(host, image, SEAL, trial)).faults
    assert isinstance(fault, NotAsSealed)
    assert key in fault.facts.happened
    await certificates_are_opened(lab, host, trial)
    await objects_are_opened_and_unpacked(lab, host, trial)


async def kept(lab: Lab, host: LocalHost, archive: bytes) -> Part:
    """An archive that a vault has."""
    digest = hashlib.sha256(archive).hexdigest()
    await host.text(f"install -d -m 700 {FOLDER}")
    await host.put(archive_path(digest), archive)
    return await ContainerImage("chirp", digest, sealed(lab)).snapshot(host, epoch=1, marker="p")


async def objects_are_opened_and_unpacked(lab: Lab, host: LocalHost, trial: Trial) -> None:
    await host.text("mkdir -p /tmp/media/a && echo one >/tmp/media/a/one && echo 2 >/tmp/media/two")
    await rclone(host, "copy", "/tmp/media", "lab:old-media")
    bucket = BucketData("media", site(lab, "old-media"), sealed(lab))
    part = await bucket.snapshot(host, epoch=1, marker="p")
    proof = await buckets.prove(host, part, SEAL, trial)
    assert proof.faults == (), [one.facts.details for one in proof.faults]
    assert "2 of 2 objects were read to their end" in proof.checked[0]
    into = replace(trial, whole=True, into="/srv/restored")
    assert (await buckets.prove(host, part, SEAL, into)).faults == ()
    assert await host.text("cat /srv/restored/bucket-media/objects/a/one") == "one"
    folder = "epoch-00000001/bucket/media"
    key = (await rclone(host, "lsf", f"lab:chirp-vault/chirp/{folder}")).splitlines()[0]
    await flip(host, f"{folder}/{key}", at=30)
    (fault,) = (await buckets.prove(host, part, SEAL, trial)).faults
    assert isinstance(fault, NotAsSealed)
    assert key in fault.facts.happened


async def certificates_are_opened(lab: Lab, host: LocalHost, trial: Trial) -> None:
    caddy = Certificates(sealed(lab), folder="/var/lib/caddy/liferaft")
    await host.text(MAKE % 90)
    part = await caddy.snapshot(host, epoch=1, marker="p")
    elsewhere = replace(part, epoch=7)
    (fault,) = (await certificates.prove(host, elsewhere, SEAL, trial)).faults
    assert "there are 0 of 2 files" in fault.facts.happened
    proof = await certificates.prove(host, part, SEAL, trial)
    assert proof.faults == (), [one.facts.details for one in proof.faults]
    assert proof.checked[0].startswith("1 certificates fit their keys")
    before = await rclone(host, "lsf", "--recursive", "lab:chirp-vault")
    await host.text(f"cp {CADDY}/chirp.key /tmp/chirp.key && {MAKE % 90}")
    await host.text(f"mv /tmp/chirp.key {CADDY}/chirp.key")
    other = await caddy.snapshot(host, epoch=2, marker="p")
    (fault,) = (await certificates.prove(host, other, SEAL, trial)).faults
    assert isinstance(fault, NotVerified)
    assert "does not fit its key" in fault.facts.happened
    key = next(key for key in part.facts[STORED])
    await flip(host, key, at=80)
    (fault,) = (await certificates.prove(host, part, SEAL, trial)).faults
    assert isinstance(fault, NotAsSealed)
    assert "epoch-00000001/certificates" in fault.facts.happened
    assert set((await rclone(host, "lsf", "--recursive", "lab:chirp-vault")).split()) > set(
        before.split()
    )
    assert await host.text("ls -d /run/liferaft-scratch 2>/dev/null || true") == ""
