"""Two vaults on a real host: Debian's rclone, curl, systemd and the program of buckets."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.data.conftest import PATIENCE

from liferaft.data.bucket.dataset import BucketData
from liferaft.data.bucket.everywhere import BucketInVaults
from liferaft.data.bucket.program import SiteBucket
from liferaft.data.certificates.dataset import Certificates, CertificatesInVaults
from liferaft.data.container_images.archive import FOLDER, ContainerImage, archive_path
from liferaft.data.container_images.everywhere import ImageInVaults
from liferaft.data.rclone import CryptSecrets, Sealed
from liferaft.plan.telling import TOLD

if TYPE_CHECKING:
    from tests.data.conftest import Lab, LocalHost

SEAL = CryptSecrets("the-seals-password-55e1", "the-seals-salt-0a7c")
STORAGE = "/root/caddy"
LINE = """
import asyncio

async def carry(reader, writer):
    while piece := await reader.read(65536):
        writer.write(piece)
        await writer.drain()
    writer.close()

async def forward(reader, writer):
    there, back = await asyncio.open_connection("10.99.0.1", 8443)
    await asyncio.gather(carry(reader, back), carry(there, writer), return_exceptions=True)

async def main():
    server = await asyncio.start_server(forward, "127.0.0.2", 8443)
    await server.serve_forever()

asyncio.run(main())
"""
"""The way to the first vault, which can be cut."""


def seals(lab: Lab) -> tuple[Sealed, Sealed]:
    """Two buckets, reached under two names of the store."""
    other = replace(lab.vault, name="other", bucket="other-vault", host="10.99.0.1")
    return Sealed(lab.vault, SEAL, "-main"), Sealed(other, SEAL, "-other")


def site(lab: Lab, bucket: str) -> SiteBucket:
    """Under the name that goes on answering."""
    vault = replace(lab.vault, host="10.99.0.1")
    return SiteBucket(
        bucket, vault.url, vault.region, vault.access_key, vault.secret_key, vault.ca_file
    )


async def rclone(host: LocalHost, *arguments: str) -> str:
    argv = ["rclone", "--config=/root/lab.conf", "--ca-cert=/etc/ssl/liferaft/vault-ca.pem"]
    return (await host.run([*argv, *arguments], deadline=PATIENCE)).text


async def open_line(host: LocalHost) -> None:
    await rclone(host, "mkdir", "lab:other-vault")
    await host.put("/root/line.py", LINE.encode(), owner="root")
    await host.run(["systemd-run", "--unit=line", "python3", "/root/line.py"])
    await host.text(
        "sed 's/.* objects.lab.test/127.0.0.2 objects.lab.test/' /etc/hosts >/root/hosts;"
        " cat /root/hosts >/etc/hosts; until (: </dev/tcp/127.0.0.2/8443); do sleep 0.1; done"
    )


async def cut_line(host: LocalHost) -> None:
    """With all that is under way."""
    await host.run(["systemctl", "kill", "--signal=KILL", "line"])


async def objects(host: LocalHost, bucket: str) -> int:
    """Asked on another way."""
    await host.text("sed 's/objects.lab.test/10.99.0.1/' /root/lab.conf >/root/ip.conf")
    argv = ["rclone", "--config=/root/ip.conf", "--ca-cert=/etc/ssl/liferaft/vault-ca.pem"]
    return len((await host.run([*argv, "lsf", f"lab:{bucket}"])).text.split())


async def damage_main(host: LocalHost, area: str) -> None:
    """One byte of each object there."""
    place = f"lab:chirp-vault/chirp/epoch-00000001/{area}"
    script = (
        "import pathlib\n"
        "for one in pathlib.Path('/root/damaged').rglob('*'):\n"
        "    if one.is_file():\n"
        "        body = bytearray(one.read_bytes()); body[-1] ^= 1; one.write_bytes(body)\n"
    )
    await rclone(host, "copy", place, "/root/damaged")
    await host.run(["python3", "-c", script])
    await rclone(host, "copy", "--ignore-times", "/root/damaged", place)
    await host.text("rm -rf /root/damaged")


@pytest.mark.sandbox
@pytest.mark.timeout(900)  # hosts that boot
async def test_all_of_it_comes_back_from_the_vault_that_is_left(
    lab: Lab, caplog: pytest.LogCaptureFixture
) -> None:
    host, each = lab.hosts["one"], seals(lab)
    await open_line(host)
    await host.text(
        f"mkdir -p {STORAGE}/a {FOLDER} /srv/in; echo key >{STORAGE}/a/b.key;"
        " useradd -r caddy || :;"
        " for n in $(seq 30); do echo $n >/srv/in/$n; done; head -c 3000000 /dev/urandom >/srv/tar"
    )
    digest = (await host.text("sha256sum /srv/tar")).split()[0]
    await host.text(f"cp /srv/tar {archive_path(digest)}")
    await rclone(host, "copy", "/srv/in", "lab:old-media")
    certificates = CertificatesInVaults(tuple(Certificates(one, STORAGE) for one in each))
    image = ImageInVaults(tuple(ContainerImage("web", digest, one) for one in each))
    old, new = (
        BucketInVaults(tuple(BucketData("media", site(lab, name), one) for one in each))
        for name in ("old-media", "new-media")
    )
    parts = [
        await certificates.snapshot(host, epoch=1, marker="p"),
        await image.snapshot(host, epoch=1, marker="p"),
        await old.snapshot(host, epoch=1, marker="p"),
    ]
    assert [part.vaults for part in parts] == [("main", "other")] * 3
    both = parts[1].facts
    assert both["stored"] != both["elsewhere"]["other"]["facts"]["stored"], "sealed by chance"

    await damage_main(host, "certificates")
    await damage_main(host, "images")
    await host.text(f"rm -rf {STORAGE} {archive_path(digest)}")
    with caplog.at_level(logging.WARNING):
        await certificates.restore(host, parts[0], marker="1")
        await image.snapshot(host, epoch=1, marker="q")
    assert "Certificates in vault main are damaged" in caplog.text
    assert await host.text(f"cat {STORAGE}/a/b.key") == "key"
    await certificates.verify(host, parts[0])
    assert await image.is_stored(host, epoch=1), "fetched from the other, and brought again"

    await cut_line(host)
    caplog.clear()
    await host.text(f"rm -rf {STORAGE}")
    with caplog.at_level(logging.WARNING):
        await certificates.restore(host, parts[0], marker="2")
        late = await certificates.snapshot(host, epoch=1, marker="r")
        done = await new.restore(host, parts[2], marker="3")
        await new.verify(host, parts[2])
    assert "Vault main does not answer" in caplog.text
    assert late.vaults == ("other",)
    assert "is NOT in vault main" in certificates.summary(late)[TOLD][0]
    assert "restored without vault main" in done[TOLD][0]
    assert await objects(host, "new-media") == 30


@pytest.mark.sandbox
@pytest.mark.timeout(900)  # hosts that boot
async def test_the_unit_of_a_restore_goes_on_from_the_other_vault_by_itself(lab: Lab) -> None:
    host, each = lab.hosts["one"], seals(lab)
    await open_line(host)
    await host.text(
        "mkdir -p /srv/in && cd /srv/in &&"
        " head -c 4500000 /dev/urandom | split --bytes=3000 --suffix-length=4 -"
    )
    await rclone(host, "copy", "--transfers=32", "/srv/in", "lab:old-media")
    old, new = (
        BucketInVaults(tuple(BucketData("media", site(lab, name), one) for one in each))
        for name in ("old-media", "new-media")
    )
    part = await old.snapshot(host, epoch=1, marker="p")
    whole, own = new.together(part)
    await whole.start_restore(host, own, marker="1")
    while (await whole.progress(host)).objects < 50:
        assert not await whole.is_restored(host, marker="1"), "it was too fast to be hindered"
    await cut_line(host)
    done = await whole.wait_for_copy(host, own, marker="1", deadline=PATIENCE)
    assert done.is_finished
    assert list(done.silent) == ["vault main"]
    await whole.verify(host, own)
    assert await objects(host, "new-media") == 1500
