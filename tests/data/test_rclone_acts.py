"""Images and certificates through a sealed vault and back: real rclone, podman, store."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from liferaft.data.certificates.dataset import Certificates
from liferaft.data.container_images.archive import FOLDER, ContainerImage, archive_path
from liferaft.data.failures import ArchiveMissing
from liferaft.data.rclone import CryptSecrets, Sealed

if TYPE_CHECKING:
    from tests.data.conftest import Lab, LocalHost

    from liferaft.remote.contract import Command, Completed

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(900)]  # hosts that boot
SEAL = CryptSecrets("the-seals-password-55e1", "the-seals-salt-0a7c")


def sealed(lab: Lab) -> Sealed:
    return Sealed(lab.vault, SEAL)


async def rclone(host: LocalHost, *arguments: str, deadline: float = 180.0) -> str:
    argv = ["rclone", "--config=/root/lab.conf", "--ca-cert=/etc/ssl/liferaft/vault-ca.pem"]
    return (await host.run([*argv, *arguments], deadline=deadline)).text


@pytest.mark.parametrize("lab", [("first", "second")], indirect=True)
async def test_an_image_travels_through_the_vault_and_is_loaded_once(lab: Lab) -> None:
    first, second = lab.hosts["first"], lab.hosts["second"]
    await first.text(
        f"mkdir -p {FOLDER} /tmp/root/bin && cp /bin/true /tmp/root/bin/ && cd /tmp/root"
        " && tar -c . | podman import -q - localhost/chirp:1"
        " && podman save -q --format oci-archive -o /tmp/chirp.tar localhost/chirp:1"
        " && podman rmi -f localhost/chirp:1"
    )
    digest = (await first.text("sha256sum /tmp/chirp.tar")).split()[0]
    image = ContainerImage("chirp", digest, sealed(lab))
    await first.text(f"mv /tmp/chirp.tar {archive_path(digest)}")
    part = await image.snapshot(first, epoch=1, marker="run-1")
    assert await image.snapshot(first, epoch=1, marker="run-1") is not None
    assert part.size == int(await first.text(f"stat -c %s {archive_path(digest)}"))
    for host in (first, second):
        assert not await image.is_loaded(host)
        await image.restore(host, part)
        assert await image.is_loaded(host)
        assert await image.has_archive(host)
        assert "localhost/chirp:1" in await host.text(
            "podman images --format '{{.Repository}}:{{.Tag}}'"
        )
    assert hashlib.sha256(b"").hexdigest() != digest


async def flip(host: LocalHost, key: str, *, at: int) -> None:
    """One byte of an object in the vault is another one; its size and its time stay."""
    path = f"lab:chirp-vault/chirp/{key}"
    await rclone(host, "copyto", "--metadata", path, "/tmp/flipped")
    await host.text(
        f"x=$(od -An -tu1 -j{at} -N1 /tmp/flipped) && touch -r /tmp/flipped /tmp/time &&"
        ' printf "\\x$(printf %x $((x ^ 1)))" |'
        f" dd of=/tmp/flipped bs=1 seek={at} conv=notrunc status=none &&"
        " touch -r /tmp/time /tmp/flipped"
    )
    await rclone(host, "copyto", "--metadata", "--ignore-times", "/tmp/flipped", path)


async def test_an_image_that_is_damaged_in_the_vault_is_noticed_and_brought_again_loudly(
    lab: Lab, caplog: pytest.LogCaptureFixture
) -> None:
    host = lab.hosts["one"]
    await host.text(f"install -d -m 700 {FOLDER} && head -c 200000 /dev/urandom > /tmp/archive")
    digest = (await host.text("sha256sum /tmp/archive")).split()[0]
    await host.text(f"mv /tmp/archive {archive_path(digest)}")
    image = ContainerImage("chirp", digest, sealed(lab))
    assert not await image.is_stored(host, epoch=1)
    part = await image.snapshot(host, epoch=1, marker="run-1")
    assert await image.is_stored(host, epoch=1)
    ((key, kept),) = part.facts["stored"].items()
    raw = f"lab:chirp-vault/chirp/{key}"
    assert kept == await summed(host, raw)
    assert not caplog.records

    for at in (0, 20, 100_000):
        caplog.clear()
        await flip(host, key, at=at)
        assert not await image.is_stored(host, epoch=1)
        again = await image.snapshot(host, epoch=1, marker="run-2")
        assert key in caplog.text
        assert "brought there again" in caplog.text
        assert await image.is_stored(host, epoch=1)
        assert again.facts["stored"] == {key: await summed(host, raw)}

    await flip(host, key, at=5)
    await host.text(f"rm {archive_path(digest)}")
    with pytest.raises(ArchiveMissing, match="server has no whole archive") as caught:
        await image.snapshot(host, epoch=1, marker="run-3")
    assert "liferaft deploy" in caught.value.facts.do


@pytest.mark.parametrize("size", [200_000, 230_000_000], ids=["in one", "in parts"])
async def test_an_image_is_known_to_be_in_the_vault_whole_without_reading_it_there(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """A real store's checksum of what it took is that of what was sealed. It is opened afterwards,
    to see whether that is so."""
    host = lab.hosts["one"]
    await host.text(f"install -d -m 700 {FOLDER} && head -c {size} /dev/urandom > /tmp/archive")
    digest = (await host.text("sha256sum /tmp/archive")).split()[0]
    await host.text(f"mv /tmp/archive {archive_path(digest)}")
    image, said = ContainerImage("chirp", digest, sealed(lab)), list[str]()
    run = type(host).run

    async def noted(self: LocalHost, command: Command, **others: Any) -> Completed:
        said.append(" ".join(command))
        return await run(self, command, **others)

    with monkeypatch.context() as patched:
        patched.setattr(type(host), "run", noted)
        part = await image.snapshot(host, epoch=1, marker="run-1")
    assert not [words for words in said if "--download" in words]
    assert await host.text(f"ls {FOLDER}/sealing-main") == ""
    ((key, kept),) = part.facts["stored"].items()
    assert kept == await summed(host, f"lab:chirp-vault/chirp/{key}")
    await host.text(f"rm {archive_path(digest)}")
    await image.fetch(host, 1)
    assert await image.has_archive(host)


async def summed(host: LocalHost, path: str) -> str:
    return (await rclone(host, "hashsum", "sha256", "--download", path)).split()[0]


@pytest.mark.parametrize("lab", [("first", "second")], indirect=True)
async def test_certificates_come_back_readable_by_caddy_alone(
    lab: Lab, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = lab.hosts["first"], lab.hosts["second"]
    certificates = Certificates(sealed(lab))
    folder = f"{certificates.folder}/certificates/ca.test-9443-acme-lab-directory/chirp.test"
    await first.text(
        f"install -d -o caddy -g caddy -m 700 {folder} {certificates.folder}/locks"
        f" && echo key > {folder}/chirp.test.key && echo crt > {folder}/chirp.test.crt"
        f" && echo no > {certificates.folder}/locks/one && chown -R caddy: {certificates.folder}"
        f" && chmod 600 {folder}/*"
    )
    part = await certificates.snapshot(first, epoch=1, marker="run-1")
    assert part.facts["count"] == 2
    assert not caplog.records
    damaged = min(part.facts["stored"])
    await flip(first, damaged, at=40)
    part = await certificates.snapshot(first, epoch=1, marker="run-1")
    assert damaged in caplog.text
    assert part.facts["stored"].keys() == {damaged, *part.facts["stored"]}
    caplog.clear()
    await certificates.snapshot(first, epoch=1, marker="run-1")
    assert not caplog.records
    await certificates.restore(second, part, marker="run-2")
    assert await certificates.is_restored(second, marker="run-2")
    await certificates.verify(second, part)
    assert await second.text(f"runuser -u caddy -- cat {folder}/chirp.test.key") == "key"
    assert await second.text(f"runuser -u postgres -- cat {folder}/chirp.test.key || true") == ""


PAIR = """
set -e; install -d -o caddy -g caddy -m 700 {folder}; cd {folder}
openssl ecparam -name prime256v1 -genkey -noout -out {name}.key
openssl req -x509 -key {name}.key -subj /CN={name} -days 9 -out {name}.crt
chown caddy: *; chmod 600 *
"""


@pytest.mark.parametrize("lab", [("first", "second")], indirect=True)
async def test_a_certificate_of_another_key_is_left_out_and_others_come_back(
    lab: Lab, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = lab.hosts["first"], lab.hosts["second"]
    certificates = Certificates(sealed(lab))
    names = {name: f"{certificates.folder}/certificates/ca/{name}" for name in ("well", "torn")}
    for name, folder in names.items():
        await first.text(PAIR.format(folder=folder, name=name))
    await first.text(f"cp -p {names['well']}/well.key {names['torn']}/torn.key")
    part = await certificates.snapshot(first, epoch=1, marker="run-1")
    await certificates.restore(second, part, marker="run-2")
    assert "torn.crt in vault main does not fit the key beside it" in caplog.text
    assert "well" not in caplog.text
    await certificates.verify(second, part)
    there = await second.text(f"cd {certificates.folder} && find . -type f | sort")
    assert there.split() == ["./certificates/ca/well/well.crt", "./certificates/ca/well/well.key"]
